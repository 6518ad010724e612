"""A workbook and options in, rows with verdicts and labels out. Pure: sheets are loaded through `Sheet.load` only.

checked = check(read(path, limits), options, limits)
checked.rows[0].problems, checked.labels, checked.problem
"""

from service.uploads.checking.conclude import Fitting, check, check_table, problem_of, with_faults
from service.uploads.checking.find import Table, find_table

__all__ = ["Fitting", "Table", "check", "check_table", "find_table", "problem_of", "with_faults"]
