#!/usr/bin/env python3
"""Checks the contracts as data.

  check-contracts.py                          schemas, examples, topic descriptions, AsyncAPI, docker-compose.yml
  check-contracts.py --topic affinity-vectors < values.jsonl
                                              each line of standard input against a topic's schema

Exit codes: 0 all good; 1 something is wrong; 2 a Python module is missing.
"""
import argparse
import json
import pathlib
import sys

try:
    import yaml
    from jsonschema import Draft202012Validator
except ImportError as missing:
    print(f"check-contracts: {missing}; install python3-yaml and python3-jsonschema", file=sys.stderr)
    sys.exit(2)

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPICS = ROOT / "topics"
CO_PARTITIONED = ["interactions", "customers", "affinity-vectors", "updater-snapshots"]
FIELDS = {"name", "description", "key", "topicPartitions", "replication", "config", "producers", "consumers", "tombstones"}
problems = []


def expect(is_good, what):
    if not is_good:
        problems.append(what)


def load(path):
    text = path.read_text()
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def validator(name):
    schema = load(TOPICS / "schemas" / f"{name}.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check_topics():
    topics = {path.stem: load(path) for path in sorted(TOPICS.glob("*.yaml")) if path.name != "asyncapi.yaml"}
    for name, topic in topics.items():
        expect(topic.get("name") == name, f"{name}.yaml names the topic {topic.get('name')}")
        expect(not FIELDS - topic.keys(), f"{name}.yaml lacks {sorted(FIELDS - topic.keys())}")
        expect(all(isinstance(v, str) for v in topic["config"].values()), f"{name}.yaml: settings must be strings")
        if "schema" in topic:
            example = load(TOPICS / topic["example"])
            for error in validator(name).iter_errors(example):
                expect(False, f"example of {name}: {error.json_path} {error.message}")
    counts = {topics[name]["topicPartitions"] for name in CO_PARTITIONED}
    expect(len(counts) == 1, f"{CO_PARTITIONED} must have the same number of topic partitions, not {counts}")
    return topics


def check_asyncapi(topics):
    document = load(TOPICS / "asyncapi.yaml")
    expect(str(document.get("asyncapi", "")).startswith("3."), "asyncapi.yaml must be AsyncAPI 3")
    addresses = {channel["address"] for channel in document["channels"].values()}
    expect(addresses == set(topics), f"asyncapi.yaml and topics/ differ: {sorted(addresses ^ set(topics))}")

    def walk(node):
        if isinstance(node, dict):
            if "$ref" in node:
                check_reference(node["$ref"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    def check_reference(reference):
        if not reference.startswith("#/"):
            expect((TOPICS / reference).exists(), f"asyncapi.yaml refers to {reference}, which is not there")
            return
        target = document
        for part in reference[2:].split("/"):
            target = target.get(part) if isinstance(target, dict) else None
            if isinstance(target, dict) and "$ref" in target and target["$ref"].startswith("#/"):
                continue
        expect(target is not None, f"asyncapi.yaml refers to {reference}, which is not there")

    walk(document)


def check_compose():
    services = load(ROOT / "docker-compose.yml")["services"]
    for name, service in services.items():
        expect("image" in service or "build" in service, f"docker-compose.yml: {name} has neither image nor build")
        for other in service.get("depends_on", {}):
            expect(other in services, f"docker-compose.yml: {name} depends on {other}, which is not there")
    environment = services["kafka"]["environment"]
    for setting in ("OFFSETS_TOPIC_REPLICATION_FACTOR", "TRANSACTION_STATE_LOG_REPLICATION_FACTOR",
                    "TRANSACTION_STATE_LOG_MIN_ISR"):
        expect(environment.get(f"KAFKA_{setting}") == 1, f"docker-compose.yml: one node needs KAFKA_{setting}: 1")


def check_lines(topic):
    schema = validator(topic)
    count = empty = 0
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            empty += 1
            continue
        count += 1
        value = json.loads(line)
        if not schema.is_valid(value):
            error = next(schema.iter_errors(value))
            expect(False, f"line {number}: {error.json_path} {error.message[:200]}")
        elif topic == "affinity-vectors":
            for vector in filter(None, (value["before"], value["after"])):
                for name in ("next", "share"):
                    total = sum(vector[name].values())
                    expect(abs(total - 1) < 1e-9, f"line {number}: {name} sums to {total}")
    print(f"{topic}: {count} values, {empty} without value, {len(problems)} problems")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", help="validate standard input against this topic's schema")
    arguments = parser.parse_args()
    if arguments.topic:
        check_lines(arguments.topic)
    else:
        topics = check_topics()
        check_asyncapi(topics)
        check_compose()
        print(f"contracts: {len(topics)} topics, {len(problems)} problems")
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
