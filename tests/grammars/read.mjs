// stdin: {"logql": [...], "traceql": [...]}. stdout: for each query its errors, and for LogQL the labels that it selects by.
import { readFileSync } from "node:fs";
import { parser as logql } from "@grafana/lezer-logql";
import { parser as traceql } from "@grafana/lezer-traceql";

function within(node, name) {
  for (let at = node; at; at = at.parent) if (at.name === name) return true;
  return false;
}

function walk(parser, query) {
  const errors = [];
  const selected = {};
  const filtered = new Set();
  let unpacked = false;
  parser.parse(query).iterate({
    enter(node) {
      const text = query.slice(node.from, node.to);
      if (node.type.isError) errors.push({ at: node.from, text: query.slice(node.from, node.from + 20) });
      if (node.name === "Matcher") {
        const [, name, how, value] = text.match(/^\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(.*)$/s) ?? [];
        if (within(node.node, "LabelFilter")) filtered.add(name);
        else selected[name] = { how, value };
      }
      if (node.name === "JsonExpressionParser" || node.name === "LabelParser") unpacked = true;
      if (node.name === "LabelFilter") filtered.add(text.match(/^[\s(]*([A-Za-z_]\w*)/)?.[1]);
    },
  });
  return { query, errors, selected, filtered: [...filtered], unpacked };
}

const asked = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(
  JSON.stringify({
    logql: asked.logql.map((query) => walk(logql, query)),
    traceql: asked.traceql.map((query) => walk(traceql, query)),
  }),
);
