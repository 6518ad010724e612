"""db_connection: the database, Redis or Mongo cannot be reached, or refuses the login."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, step_of, strongest, told, where
from observability.detector.incidents import Cause

_DB = (
    r"psycopg|asyncpg|pg8000|sqlalchemy|MySQLdb|pymysql|aiomysql|mysql\.connector|mysql/connector|sqlite3"
    r"|pymongo|motor\b|mongoengine|\bredis\b|/redis/|aioredis"
    r"|django[./]db|peewee|tortoise|cx_Oracle|oracledb|pyodbc|pymssql|cassandra|clickhouse|databases/"
    r"|aiosqlite|libsql|bson"
)
_SCHEMA = (
    r"no such (?:table|column)|does(?:n't| not) exist|unknown column|undefined(?:table|column)|disk is full"
    r"|no space|syntax error|already exists|\(1146|\(1054|duplicate key"
)
_PORTS = r":(?:5432|5433|6432|3306|6379|6380|26379|27017|1433|1521)\b|port (?:5432|6432|3306|6379|27017|1433|1521)\b"
_LOST = (
    "ConnectionRefusedError ConnectionResetError ConnectionError ConnectionAbortedError BrokenPipeError "
    "gaierror TimeoutError timeout error OSError"
)

_SIGNS = (
    sign(
        0.95,
        message=r"unable to open database file|database is locked|password authentication failed|no pg_hba\.conf entry"
        r"|remaining connection slots|too many (?:connections|clients)",
    ),
    sign(
        0.95,
        message=r"can't connect to (?:local )?mysql|access denied for user|connection to server at .{0,120} failed"
        r"|could not connect to server|server closed the connection unexpectedly|lost connection to mysql"
        r"|mysql server has gone away",
    ),
    sign(0.95, message=r"(?:database|role|user) \"[^\"]+\" does not exist|unknown database '"),
    # not kombu's, which may stand on RabbitMQ: that one is `network`
    sign(0.94, "OperationalError InterfaceError DatabaseError", module=_DB + r"|^\w+$", never=_SCHEMA),
    sign(
        0.94,
        "ServerSelectionTimeoutError AutoReconnect NotPrimaryError NetworkTimeout WaitQueueTimeoutError "
        "ConnectionFailure NoHostAvailable",
    ),
    sign(
        0.94,
        "CannotConnectNowError TooManyConnectionsError InvalidPasswordError InvalidCatalogNameError "
        "ConnectionDoesNotExistError PostgresConnectionError PoolTimeout PoolError",
        module=_DB,
    ),
    sign(
        0.94,
        "ConnectionError TimeoutError AuthenticationError BusyLoadingError ConnectionFailure ResponseError "
        "MaxConnectionsError",
        module=r"redis|aioredis",
        never=r"WRONGTYPE|wrong number|unknown command",
    ),
    sign(
        0.93,
        message=r"^error (?:-?\d+|while \w+)\b.{0,20}(?:connecting to|reading from|writing to).{0,120}(?:refused"
        r"|timed? ?out|resolution|known|reset|found|closed|unreachable)",
    ),
    # the inner error of a driver is a plain network one: the driver's file is among the frames
    sign(0.93, _LOST, module=_DB, never=r"no such (?:file|process)|address already|permission"),
    sign(0.90, _LOST + " OperationalError ConnectError", message=_PORTS, never=r"address already in use|bind"),
    sign(0.92, "TimeoutError", message=r"queuepool limit|couldn't get a connection"),
    sign(
        0.90,
        message=r"(?:authentication required|NOAUTH|WRONGPASS|authentication failed).{0,40}|SSL (?:error"
        r"|connection has been closed).{0,60}",
        module=_DB,
    ),
    sign(
        0.88,
        message=r"(?:database|postgres\w*|mysql|mariadb|redis|mongo\w*)\b.{0,80}(?:unavailable|unreachable|not reachable"
        r"|refused|not ready|connection failed|could not connect|timed out)",
    ),
)
_STEPS = (
    "barwatch check",
    "python -c \"import socket; socket.create_connection(('HOST', PORT), 3)\"  # host and port of DATABASE_URL",
)


def db_connection(facts: Facts) -> Cause | None:
    """Return the cause, or None. Missing tables are `deploy`, a full disk is `disk_full`; both know it better."""
    for index, check in facts.checks_for("db_connection"):
        return Cause("db_connection", f"{check.what}: {check.found}", 0.95, (index,), (step_of(check), *_STEPS))
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return None
    return Cause(
        code="db_connection",
        summary=f"The database cannot be used{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=_STEPS,
    )
