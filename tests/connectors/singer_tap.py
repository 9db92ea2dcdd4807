"""A real tap: rows of a JSON file as Singer messages, after the specification, with the mistakes that taps make.

    python tap.py --config config.json [--state state.json] [--catalog catalog.json]

Its settings: `rows` a file with a list of objects; `stream`, `key`; `replication` full, incremental (by `bookmark`) or
plain (full, but without versions); `fault` one of the mistakes; `password` must be the one in `expects`, if any.
"""

TAP = """
import argparse, json, os, sys, time

words = argparse.ArgumentParser()
words.add_argument("--config", required=True)
words.add_argument("--state")
words.add_argument("--catalog")
args = words.parse_args()
config = json.load(open(args.config, encoding="utf-8"))
state = json.load(open(args.state, encoding="utf-8")) if args.state else {}
fault, stream = config.get("fault", ""), config.get("stream", "visits")
rows = json.load(open(config["rows"], encoding="utf-8"))
sys.stderr.write(json.dumps(rows[:1], ensure_ascii=False) + "\\n")
if config.get("heard"):
    with open(config["heard"], "a", encoding="utf-8") as heard:
        modes = {name: oct(os.stat(path).st_mode & 0o777) for name, path in vars(args).items() if path}
        heard.write(json.dumps({"state": state, "modes": modes, "environment": sorted(os.environ)}) + "\\n")
if config.get("expects") and config.get("password") != config["expects"]:
    sys.exit("wrong password: " + str(config.get("password")))

def say(type, **message):
    sys.stdout.write(json.dumps({"type": type, **message}, ensure_ascii=False) + "\\n")
    sys.stdout.flush()

def schema(key=None, without=()):
    names = {name: value for row in rows for name, value in row.items() if name not in without}
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean"}
    properties = {name: {"type": ["null", kinds.get(type(value), "string")]} for name, value in names.items()}
    say("SCHEMA", stream=stream, schema={"type": "object", "properties": properties},
        key_properties=config["key"] if key is None else key)

if fault == "silent":
    time.sleep(600)
if fault == "other stream":
    stream = "others"
if fault == "early":
    say("RECORD", stream=stream, record=rows[0])
schema()
if fault == "die at once":
    sys.exit(3)
replication = config.get("replication", "incremental")
version, at = {}, state.get("at", "")
if replication == "full":
    version = {"version": state.get("runs", 0) + 1}
elif replication == "versioned":
    version = {"version": 7}
    say("ACTIVATE_VERSION", stream=stream, version=7)
if fault == "rubbish":
    print("Connecting to " + str(rows[0]))
new = at
for number, row in enumerate(rows):
    if replication in ("incremental", "versioned") and row[config["bookmark"]] < at:
        continue
    if replication in ("incremental", "versioned"):
        new = max(new, row[config["bookmark"]])
    record = 5 if fault == "poison" and number == 1 else row
    say("RECORD", stream=stream, record=record, **version)
    if number == len(rows) // 2:
        say("STATE", value={"at": at, "halfway": row})
        if fault == "die":
            sys.exit(4)
        if fault == "hang":
            time.sleep(600)
        if fault == "cut":
            sys.stdout.write('{"type": "RECORD", "stream": "visits", "record": {"a')
            sys.stdout.flush()
            sys.exit(0)
        if fault == "retyped":
            schema(without=config["lacks"])
        if fault == "another key":
            schema(key=["other"])
if replication == "full":
    say("ACTIVATE_VERSION", stream=stream, version=version["version"] + (fault == "other version"))
if fault != "stateless":
    say("STATE", value={"at": new, "runs": state.get("runs", 0) + 1})
"""
