#!/usr/bin/env python3
"""Checks the contracts as data.

  check-contracts.py                          schemas, examples, topic descriptions, AsyncAPI, docker-compose.yml
  check-contracts.py --topic affinity-vectors < values.jsonl
                                              each line of standard input against a topic's schema; empty lines
                                              are records without value (tombstones and marks) and are counted

Exit codes: 0 all good; 1 something is wrong; 2 a Python module is missing or the command line is wrong.
"""
import argparse
import json
import pathlib
import sys

try:
    import yaml
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, best_match
except ImportError as missing:
    print(f"check-contracts: {missing}; install python3-yaml and python3-jsonschema (4.0 or later)", file=sys.stderr)
    sys.exit(2)

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPICS = ROOT / "topics"
COMPOSE = "docker-compose.yml"
CO_PARTITIONED = ["interactions", "customers", "affinity-vectors", "updater-snapshots", "trends-snapshots"]
SINGLE = ["model-quality", "partition-trends", "partition-telemetry", "shadow-orders", "partition-commands",
          "partition-commands-dry-run", "planner-snapshots", "planner-snapshots-dry-run", "alerts",
          "affinity-models", "routing-experiments", "partition-forecasts"]
WITH_SCHEMA = ["interactions", "customers", "affinity-vectors", "model-quality", "partition-trends",
               "partition-telemetry", "shadow-orders", "partition-commands", "routing-experiments", "routing-exposures",
               "routing-outcomes", "alerts", "partition-forecasts"]
WITHOUT_SCHEMA = ["interactions-dead-letter", "updater-snapshots", "trends-snapshots", "planner-snapshots",
                  "affinity-models", "planner-snapshots-dry-run"]
# Records of these have another topic's schema.
SHARED = {"partition-commands-dry-run": "partition-commands"}
# What others write may have more fields than we know; what we write may not.
OPEN = ["interactions", "customers", "partition-telemetry", "shadow-orders", "routing-outcomes"]
# What others write, or write too: event time is held against the broker's clock there, which no sender owns.
BROKER_TIME = OPEN + ["routing-exposures"]
# How far from 1 the probabilities of a vector may sum, for binary floating point.
SUM_TOLERANCE = 1e-9
FAILURES_SHOWN = 20

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "minItems": 1, "items": TEXT}
COUNT = {"type": "integer", "minimum": 1}
# Kafka's settings are strings, numbers among them.
NUMERAL = {"type": "string", "pattern": "^[1-9][0-9]*$"}
TOPIC_SHAPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "description", "key", "topicPartitions", "replication", "config", "producers", "consumers",
                 "tombstones"],
    "properties": {
        "name": TEXT, "description": TEXT, "key": TEXT, "topicPartitions": COUNT, "replication": COUNT,
        "schema": TEXT, "example": TEXT, "producers": TEXTS, "consumers": TEXTS, "tombstones": {"type": "boolean"},
        "config": {
            "type": "object",
            "required": ["cleanup.policy", "compression.type", "message.timestamp.type"],
            "additionalProperties": {"type": "string"},
            "properties": {
                "cleanup.policy": {"enum": ["delete", "compact", "compact,delete"]},
                "compression.type": {"const": "producer"},
                "message.timestamp.type": {"enum": ["CreateTime", "LogAppendTime"]},
                "retention.ms": NUMERAL, "delete.retention.ms": NUMERAL, "max.message.bytes": NUMERAL,
                "min.insync.replicas": NUMERAL, "min.compaction.lag.ms": NUMERAL, "segment.bytes": NUMERAL,
            },
        },
    },
}

problems = []


def expect(is_good, what):
    if not is_good:
        problems.append(what)
    return is_good


def load(path):
    """The content of a JSON or YAML file; None, and a problem, if it cannot be read."""
    name = path.relative_to(ROOT)
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        problems.append(f"{name}: {error.strerror}")
    except (ValueError, yaml.YAMLError) as error:
        problems.append(f"{name}: {' '.join(str(error).split())}")
    return None


def say(error):
    return f"{error.json_path}: {error.message[:200]}"


def validator(name):
    """The compiled schema of a topic; None, and a problem, if there is none that can be used."""
    schema = load(TOPICS / "schemas" / f"{name}.json")
    if schema is None:
        return None
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        problems.append(f"topics/schemas/{name}.json is no schema: {say(error)}")
        return None
    return Draft202012Validator(schema)


def mappings(node):
    """All mappings in a document."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for element in node:
            yield from mappings(element)


def check_schema_habits(name, schema):
    for part in mappings(schema):
        if not (isinstance(part.get("properties"), dict) and "type" in part):
            continue
        closed = part.get("additionalProperties") is False
        where = part.get("title") or part.get("description") or "an object"
        wanted = "take" if name in OPEN else "refuse"
        expect(closed == (wanted == "refuse"), f"schema of {name}: '{where}' must {wanted} unknown fields")
        for member, described in part["properties"].items():
            expect(described.keys() & {"description", "$ref"}, f"schema of {name}: {member} has no description")


def check_value(name, schema, value, where):
    """Checks a value against its schema, and what a schema cannot say."""
    error = best_match(schema.iter_errors(value))
    if error:
        problems.append(f"{where}: {say(error)}")
    elif name == "affinity-vectors":
        for vector in filter(None, (value["before"], value["after"])):
            for member in ("next", "share"):
                total = sum(vector[member].values())
                expect(abs(total - 1) <= SUM_TOLERANCE, f"{where}: {member} sums to {total!r}, not to 1")
    elif name == "model-quality":
        bins = value["calibration"]
        total = sum(part["count"] for part in bins)
        expect(total == value["accesses"], f"{where}: {total} accesses in the bins, not {value['accesses']}")
        hits = all(part["hits"] <= part["count"] for part in bins)
        expect(hits, f"{where}: more hits than accesses in a bin")
    elif name == "partition-commands":
        shadow = f"{value['source']}>{value['target']}"
        expect(value["shadow"] == shadow, f"{where}: shadow must be {shadow}")
        expect(value["id"] == f"{shadow}#{value['epoch']}", f"{where}: id must be {shadow}#{value['epoch']}")


def check_examples():
    validators = {name: validator(name) for name in WITH_SCHEMA}
    for name, schema in validators.items():
        if schema:
            check_schema_habits(name, load(TOPICS / "schemas" / f"{name}.json"))
            example = load(TOPICS / "examples" / f"{name}.json")
            if example is not None:
                check_value(name, schema, example, f"example of {name}")
    check_cloud_events(validators["interactions"])
    expected = {f"{name}.json" for name in WITH_SCHEMA}
    for folder, more in (("schemas", set()), ("examples", {"cloudevents-structured.json", "cloudevents-binary.json"})):
        strangers = {path.name for path in (TOPICS / folder).glob("*")} - expected - more
        expect(not strangers, f"topics/{folder}: {sorted(strangers)} belong to no topic")


def check_cloud_events(schema):
    """A CloudEvent's attributes fill in what its data lacks; the result must be an interaction."""
    for mode, member in (("structured", "data"), ("binary", "value")):
        where = f"example cloudevents-{mode}"
        event = load(TOPICS / "examples" / f"cloudevents-{mode}.json")
        data = event.get(member) if isinstance(event, dict) else None
        if not expect(isinstance(data, dict), f"{where} has no {member} that is an object"):
            continue
        attributes = event
        if mode == "binary":
            headers = event.get("headers", {})
            attributes = {name[3:]: value for name, value in headers.items() if name.startswith("ce_")}
        absent = {"specversion", "id", "source", "type"} - attributes.keys()
        expect(not absent, f"{where} lacks {sorted(absent)}, which every CloudEvent has")
        names = {"id": "id", "subject": "customer", "time": "time", "type": "kind"}
        filled = {field: attributes[name] for name, field in names.items() if name in attributes}
        if schema:
            check_value("interactions", schema, {**filled, **data}, where)


def check_topics():
    shape = Draft202012Validator(TOPIC_SHAPE)
    paths = {path.stem: path for path in sorted(TOPICS.glob("*.yaml")) if path.name != "asyncapi.yaml"}
    expected = set(WITH_SCHEMA + WITHOUT_SCHEMA) | SHARED.keys()
    expect(paths.keys() >= expected, f"topics/ describes no {sorted(expected - paths.keys())}")
    expect(paths.keys() <= expected, f"topics/ describes {sorted(paths.keys() - expected)}, which nobody knows")
    topics = {}
    for name, path in paths.items():
        topic = load(path)
        errors = [say(error) for error in shape.iter_errors(topic)]
        problems.extend(f"{name}.yaml: {error}" for error in errors)
        if not errors:
            topics[name] = topic
            check_topic(name, topic)
    counts = {name: topics[name]["topicPartitions"] for name in CO_PARTITIONED if name in topics}
    expect(len(set(counts.values())) <= 1, f"must have the same number of topic partitions: {counts}")
    counts = {name: topics[name]["topicPartitions"] for name in SINGLE if name in topics}
    expect(set(counts.values()) <= {1}, f"must have one topic partition each: {counts}")
    return topics


def check_topic(name, topic):
    config = topic["config"]
    expect(topic["name"] == name, f"{name}.yaml names the topic {topic['name']}")
    minimum = int(config.get("min.insync.replicas", "1"))
    expect(minimum <= topic["replication"], f"{name}.yaml: {minimum} replicas in sync of {topic['replication']}")
    clock = "LogAppendTime" if name in BROKER_TIME else "CreateTime"
    expect(config["message.timestamp.type"] == clock, f"{name}.yaml: message.timestamp.type must be {clock}")
    policy = config["cleanup.policy"].split(",")
    expect("delete" not in policy or "retention.ms" in config, f"{name}.yaml: delete needs retention.ms")
    expect("compact" in policy or not topic["tombstones"], f"{name}.yaml: tombstones need a compacted topic")
    for field in ("schema", "example"):
        shared = SHARED.get(name, name)
        expected = f"{field}s/{shared}.json" if shared in WITH_SCHEMA else None
        expect(topic.get(field) == expected, f"{name}.yaml: {field} must be {expected}")


def resolve(document, reference):
    """What a reference leads to, through further local references; None if nothing."""
    if not reference.startswith("#/"):
        path = (TOPICS / reference.split("#")[0]).resolve()
        return {} if path.is_file() and TOPICS in path.parents else None
    target = document
    for part in reference[2:].split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        target = target.get(part) if isinstance(target, dict) else None
        seen = set()
        while isinstance(target, dict) and "$ref" in target and target["$ref"] not in seen:
            seen.add(target["$ref"])
            target = resolve(document, target["$ref"])
    return target


def check_asyncapi(topics):
    document = load(TOPICS / "asyncapi.yaml")
    if not expect(isinstance(document, dict), "asyncapi.yaml holds no document"):
        return
    expect(document.get("asyncapi") == "3.0.0", "asyncapi.yaml must be AsyncAPI 3.0.0")
    expect({"title", "version"} <= document.get("info", {}).keys(), "asyncapi.yaml: info needs title and version")
    kafka = [server for server in document.get("servers", {}).values() if server.get("protocol") == "kafka"]
    expect(any(server.get("host") for server in kafka), "asyncapi.yaml has no server of Kafka with a host")
    references = {node["$ref"] for node in mappings(document) if isinstance(node.get("$ref"), str)}
    dangling = sorted(reference for reference in references if resolve(document, reference) is None)
    problems.extend(f"asyncapi.yaml refers to {reference}, which is not there" for reference in dangling)
    channels = document.get("channels", {})
    addresses = sorted(str(channel.get("address")) for channel in channels.values())
    expect(addresses == sorted(topics), f"asyncapi.yaml and topics/ differ: {sorted(set(addresses) ^ set(topics))}")
    for name, channel in channels.items():
        if channel.get("address") in topics:
            check_channel(document, name, channel, topics[channel["address"]])
    check_operations(document, channels)


def check_channel(document, name, channel, topic):
    binding = channel.get("bindings", {}).get("kafka", {})
    where = f"asyncapi.yaml: channel {name}"
    for ours, theirs in (("topicPartitions", "partitions"), ("replication", "replicas"), ("name", "topic")):
        expect(binding.get(theirs) == topic[ours], f"{where}: {theirs} is {binding.get(theirs)}, not {topic[ours]}")
    for setting, value in binding.get("topicConfiguration", {}).items():
        text = ",".join(value) if isinstance(value, list) else str(value)
        expect(text == topic["config"].get(setting), f"{where}: {setting} is {text}, but not in {topic['name']}.yaml")
    expect(channel.get("messages"), f"{where} has no messages")
    record = resolve(document, f"#/channels/{name}/messages/record") or {}
    reference = record.get("payload", {}).get("schema", {}).get("$ref")
    expected = f"./{topic['schema']}" if "schema" in topic else None
    expect(reference == expected, f"{where}: its record's schema is {reference}, not {expected}")


def check_operations(document, channels):
    used = set()
    for name, operation in document.get("operations", {}).items():
        where = f"asyncapi.yaml: operation {name}"
        expect(operation.get("action") in ("send", "receive"), f"{where}: action must be send or receive")
        channel = operation.get("channel", {}).get("$ref", "")
        used.add(channel)
        for message in operation.get("messages", []):
            reference = message.get("$ref", "")
            expect(reference.startswith(f"{channel}/messages/"), f"{where}: {reference} is not of its channel")
    unused = sorted(name for name in channels if f"#/channels/{name}" not in used)
    expect(not unused, f"asyncapi.yaml: no operation on {unused}")


# What docker-compose.yml must say for one node.
ONE_NODE = {
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
}


def environment(service):
    """A service's environment, which may be written as a mapping or as a list."""
    found = service.get("environment") or {}
    pairs = found.items() if isinstance(found, dict) else (text.partition("=")[::2] for text in found)
    return {name: str(value) for name, value in pairs}


def check_compose():
    document = load(ROOT / COMPOSE)
    services = document.get("services") if isinstance(document, dict) else None
    if not expect(isinstance(services, dict), f"{COMPOSE} has no services"):
        return
    for name, service in services.items():
        expect("image" in service or "build" in service, f"{COMPOSE}: {name} has neither image nor build")
        check_dependencies(services, name, service)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0] if isinstance(volume, str) else volume.get("source", "")
            if source.startswith("."):
                expect((ROOT / source).exists(), f"{COMPOSE}: {name} mounts {source}, which is not there")
    if not expect("kafka" in services, f"{COMPOSE} has no service kafka"):
        return
    advertised = check_broker(environment(services["kafka"]))
    for name, service in services.items():
        for broker in filter(None, environment(service).get("FORESHADOW_BROKERS", "").split(",")):
            # Among services, localhost is the asking service itself.
            is_reachable = broker in advertised and broker.split(":")[0] in services
            expect(is_reachable, f"{COMPOSE}: {name} looks for {broker}; kafka advertises {sorted(advertised)}")
    command = services.get("topics", {}).get("command", [])
    command = " ".join(command) if isinstance(command, list) else command
    expect("--replication 1" in command, f"{COMPOSE}: one node needs topics apply --replication 1")


def check_dependencies(services, name, service):
    others = service.get("depends_on") or {}
    for other in others:
        if not expect(other in services, f"{COMPOSE}: {name} depends on {other}, which is not there"):
            continue
        condition = others[other].get("condition") if isinstance(others, dict) else None
        if condition == "service_healthy":
            expect("healthcheck" in services[other], f"{COMPOSE}: {name} waits for {other}, which has no healthcheck")
        if condition == "service_completed_successfully":
            expect(services[other].get("restart") in (None, "no", "on-failure"), f"{COMPOSE}: {other} never completes")


def check_broker(settings):
    """Checks the settings of the one broker; answers the addresses that it advertises."""
    for setting, value in ONE_NODE.items():
        expect(settings.get(setting) == value, f"{COMPOSE}: one node needs {setting}: {value}")
    listeners, advertised = (
        dict(text.split("://", 1) for text in settings.get(name, "").split(",") if "://" in text)
        for name in ("KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"))
    mapped = {text.split(":")[0] for text in settings.get("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "").split(",")}
    controller, inner = (settings.get(f"KAFKA_{name}") for name in (
        "CONTROLLER_LISTENER_NAMES", "INTER_BROKER_LISTENER_NAME"))
    expect(controller in listeners, f"{COMPOSE}: no listener for the controller {controller}")
    expect(inner in advertised, f"{COMPOSE}: the inter-broker listener {inner} is not advertised")
    expect(listeners.keys() <= mapped, f"{COMPOSE}: no security protocol for {sorted(listeners.keys() - mapped)}")
    unknown = sorted(advertised.keys() - (listeners.keys() - {controller}))
    expect(not unknown, f"{COMPOSE}: {unknown} cannot be advertised")
    port = listeners.get(controller, "").rpartition(":")[2]
    voter = f"{settings.get('KAFKA_NODE_ID')}@kafka:{port}"
    found = settings.get("KAFKA_CONTROLLER_QUORUM_VOTERS")
    expect(found == voter, f"{COMPOSE}: KAFKA_CONTROLLER_QUORUM_VOTERS must be {voter}, not {found}")
    return set(advertised.values())


def refuse_constant(text):
    raise ValueError(f"{text} is not JSON")


def check_lines(topic):
    schema = validator(topic)
    if schema is None:
        return f"{topic}: no value was checked"
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    count = empty = failed = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            empty += 1
            continue
        count += 1
        before = len(problems)
        try:
            check_value(topic, schema, decoder.decode(line.decode("utf-8").strip()), f"line {number}")
        except (ValueError, RecursionError) as error:
            problems.append(f"line {number}: {error}")
        failed += len(problems) > before
        # All are counted, the first are kept.
        del problems[FAILURES_SHOWN:]
    return f"{topic}: {count} values, {failed} of them wrong; {empty} records without value"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--topic", choices=WITH_SCHEMA, metavar="NAME",
        help=f"check the values on standard input, one a line: {', '.join(WITH_SCHEMA)}")
    arguments = parser.parse_args()
    if arguments.topic:
        summary = check_lines(arguments.topic)
    else:
        topics = check_topics()
        check_examples()
        check_asyncapi(topics)
        check_compose()
        summary = f"contracts: {len(topics)} topics, {len(problems)} problems"
    print(summary)
    for problem in problems[:FAILURES_SHOWN]:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
