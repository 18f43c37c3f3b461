"""What clients on librdkafka must see, through confluent-kafka. Usage: librdkafka.py HOST:PORT"""
import sys
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka import admin as administration
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

from checks import check, equal, eventually, name, run

BROKERS = sys.argv[1]
admin = AdminClient({"bootstrap.servers": BROKERS})


def one(futures):
    """The result of a request about one thing."""
    return list(futures.values())[0].result(15)


def topic(partitions=1, **config):
    made = name()
    one(admin.create_topics([NewTopic(made, partitions, 1, config={k.replace("_", "."): v for k, v in config.items()})]))
    return made


def producer(**settings):
    return Producer({"bootstrap.servers": BROKERS, **{k.replace("_", "."): v for k, v in settings.items()}})


def consumer(group=None, **settings):
    return Consumer({
        "bootstrap.servers": BROKERS, "group.id": group or name("group"), "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "session.timeout.ms": 6000, "heartbeat.interval.ms": 300,
        **{k.replace("_", "."): v for k, v in settings.items()}})


def write(to, values, partition=0, **settings):
    made = producer(**settings)
    for value in values:
        made.produce(to, value=value, partition=partition)
    equal(made.flush(15), 0, "records left")


def read(of, count, seconds=15, partition=0, **settings):
    """So many values from the start, and whatever else comes in half a second."""
    made = consumer(**settings)
    made.assign([TopicPartition(of, partition, 0)])
    values, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        message = made.poll(0.1)
        if message is not None and not message.error():
            values.append(message)
        elif len(values) >= count:
            break
    made.close()
    return values


def texts(messages):
    return [m.value().decode() for m in messages]


def fails(code, function):
    try:
        function()
    except KafkaException as error:
        equal(error.args[0].name(), code, "error")
        return error.args[0]
    raise AssertionError(f"{code} was expected")


for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    @check(f"records compressed with {codec} come back")
    def codecs(codec=codec):
        to, values = topic(), [f"{codec} {i} " + "x" * 100 for i in range(200)]
        write(to, values, compression_codec=codec, linger_ms=50)
        equal(texts(read(to, 200)), values)


@check("keys, headers, tombstones and times are kept")
def fields():
    to, made = topic(), producer()
    made.produce(to, key="k", value="v", headers=[("a", b"1"), ("a", b"2"), ("none", None)], timestamp=1234567890123)
    made.produce(to, key="k", value=None)
    made.flush(10)
    first, second = read(to, 2)
    equal((first.key(), first.value(), first.headers()), (b"k", b"v", [("a", b"1"), ("a", b"2"), ("none", None)]))
    equal(first.timestamp(), (confluent_kafka.TIMESTAMP_CREATE_TIME, 1234567890123))
    equal((second.key(), second.value()), (b"k", None))


for assignor in ["range", "cooperative-sticky"]:
    @check(f"a group by {assignor} shares, and whoever is left goes on from what was committed")
    def groups(assignor=assignor):
        to, group = topic(4), name("group")
        for partition in range(4):
            write(to, [f"{partition}-{i}" for i in range(10)], partition)
        a, b = [consumer(group, partition_assignment_strategy=assignor) for _ in range(2)]
        seen = []

        def turn(*members):
            for member in members:
                for message in member.consume(20, 0.05):
                    if not message.error():
                        seen.append(message.value().decode())
        for member in (a, b):
            member.subscribe([to])

        def shared():
            turn(a, b)
            return len(a.assignment()) == 2 and len(b.assignment()) == 2
        eventually(shared, 40, "sharing")

        def finished():
            turn(a, b)
            return all(p.offset == 10 for member in (a, b) for p in member.position(member.assignment()))
        eventually(finished, what="reading all")
        equal(len(set(seen)), 40)
        for member in (a, b):
            member.commit(asynchronous=False)
        b.close()
        for partition in range(4):
            write(to, [f"{partition}-new"], partition)
        seen.clear()
        eventually(lambda: (turn(a), len(set(seen)) == 4)[1], 40, "going on")
        # Until the share moves, what is new may be read twice; what was committed is not read again.
        equal(set(seen), {f"{p}-new" for p in range(4)}, "what is read")
        a.close()


@check("an idempotent producer with many batches on the way writes each record once, in order")
def idempotence():
    to = topic()
    write(to, [str(i) for i in range(5000)], enable_idempotence=True, batch_num_messages=10)
    equal(texts(read(to, 5000)), [str(i) for i in range(5000)])


@check("offsets are found by time")
def times():
    to, made = topic(), producer(linger_ms=100)
    for i in range(10):
        made.produce(to, value=str(i), timestamp=1000 + i * 10)
    made.flush(10)
    asking = consumer()
    found = asking.offsets_for_times([TopicPartition(to, 0, 1045)], timeout=10)
    equal(found[0].offset, 5)
    equal(asking.get_watermark_offsets(TopicPartition(to, 0), timeout=10), (0, 10))


@check("compaction keeps the newest of each key, and tombstones go in the end")
def compaction():
    to = topic(**{"cleanup_policy": "compact", "min_cleanable_dirty_ratio": "0.01", "segment_ms": "100",
                  "delete_retention_ms": "100"})
    made = producer()
    for i in range(300):
        made.produce(to, key=f"k{i % 3}", value=str(i))
    made.flush(10)
    made.produce(to, key="k0", value=None)
    made.flush(10)

    def clean():
        # Kafka leaves the segment alone that is written to: something must come after.
        made.produce(to, key="last", value="last")
        made.flush(10)
        left = [(m.key(), m.value()) for m in read(to, 1) if m.key() != b"last"]
        return left == [(b"k1", b"298"), (b"k2", b"299")] or len(left) > 400
    eventually(clean, 90, "compaction")


@check("a record without a key is refused by a compacted topic")
def keyless():
    to, errors = topic(cleanup_policy="compact"), []
    made = producer()
    made.produce(to, value="v", on_delivery=lambda error, _: errors.append(error))
    made.flush(10)
    equal(errors[0].name(), "INVALID_RECORD")


@check("records are deleted up to an offset", None if hasattr(admin, "delete_records") else "the binding cannot ask for it")
def delete_records():
    to = topic()
    write(to, [str(i) for i in range(10)])
    one(admin.delete_records([TopicPartition(to, 0, 4)]))
    equal(consumer().get_watermark_offsets(TopicPartition(to, 0), timeout=10), (4, 10))


@check("a batch above max.message.bytes is refused")
def large():
    to, errors = topic(max_message_bytes="1000"), []
    made = producer()
    made.produce(to, value="x" * 5000, on_delivery=lambda error, _: errors.append(error))
    made.flush(10)
    equal(errors[0].name(), "MSG_SIZE_TOO_LARGE")


def transactional():
    made = producer(transactional_id=name("txn"))
    made.init_transactions(15)
    return made


@check("a transaction is seen whole when it commits, and not before; what was read uncommitted is seen at once")
def commit():
    to, made = topic(), transactional()
    made.begin_transaction()
    made.produce(to, value="a")
    made.produce(to, value="b")
    made.flush(10)
    equal(texts(read(to, 0, 2)), [], "committed reads")
    equal(texts(read(to, 2, isolation_level="read_uncommitted")), ["a", "b"])
    made.commit_transaction(10)
    equal(texts(read(to, 2)), ["a", "b"])


@check("an aborted transaction is never seen by committed reads")
def abort():
    to, made = topic(), transactional()
    made.begin_transaction()
    made.produce(to, value="no")
    made.flush(10)
    made.abort_transaction(10)
    made.begin_transaction()
    made.produce(to, value="yes")
    made.commit_transaction(10)
    equal(texts(read(to, 1)), ["yes"])


@check("an open transaction holds back what comes after it: the last stable offset")
def stable():
    to, made = topic(), transactional()
    made.begin_transaction()
    made.produce(to, value="open")
    made.flush(10)
    write(to, ["plain"])
    equal(texts(read(to, 0, 2)), [], "committed reads")
    made.commit_transaction(10)
    equal(texts(read(to, 2)), ["open", "plain"])


@check("offsets in a transaction count when it commits, and not when it aborts")
def offsets():
    to, group, made = topic(), name("group"), transactional()
    write(to, ["a", "b", "c"])
    member = consumer(group)
    member.subscribe([to])
    eventually(lambda: member.consume(3, 0.2), 40, "reading")
    place = TopicPartition(to, 0)
    for ending, wanted in ((made.abort_transaction, confluent_kafka.OFFSET_INVALID), (made.commit_transaction, 2)):
        made.begin_transaction()
        made.send_offsets_to_transaction([TopicPartition(to, 0, 2)], member.consumer_group_metadata(), 10)
        ending(10)
        equal(member.committed([place], 10)[0].offset, wanted)
    member.close()


@check("a producer whose transactional id was taken over is fenced")
def zombie():
    to, identity = topic(), name("txn")
    old, new = producer(transactional_id=identity), producer(transactional_id=identity)
    old.init_transactions(15)
    old.begin_transaction()
    old.produce(to, value="zombie")
    old.flush(10)
    new.init_transactions(15)
    error = fails("_FENCED", lambda: old.commit_transaction(10))
    equal(error.fatal(), True)
    new.begin_transaction()
    new.produce(to, value="heir")
    new.commit_transaction(10)
    equal(texts(read(to, 1)), ["heir"])


@check("a member that the group has lost cannot commit in a transaction")
def stale():
    to, group, made = topic(), name("group"), transactional()
    write(to, ["a"])
    old = consumer(group)
    old.subscribe([to])
    eventually(lambda: old.consume(1, 0.2), 40, "reading")
    metadata = old.consumer_group_metadata()
    old.close()
    new = consumer(group)
    new.subscribe([to])
    eventually(lambda: new.consume(1, 0.2), 40, "reading")
    made.begin_transaction()
    try:
        made.send_offsets_to_transaction([TopicPartition(to, 0, 1)], metadata, 10)
    except KafkaException as error:
        equal(error.args[0].txn_requires_abort(), True)
    else:
        raise AssertionError("it could")
    made.abort_transaction(10)
    new.close()


def alter(of, setting, value, keeping):
    """Alters one setting. Old clients can only write all of them, so they have to be told which ones to keep."""
    if not hasattr(administration, "AlterConfigOpType"):
        one(admin.alter_configs([ConfigResource("topic", of, set_config={**keeping, setting: value})]))
        return
    operation = administration.AlterConfigOpType.SET
    change = administration.ConfigEntry(setting, value, incremental_operation=operation)
    one(admin.incremental_alter_configs([ConfigResource("topic", of, incremental_configs=[change])]))


@check("topics are created, described, grown, altered and deleted; what is wrong is refused")
def topics():
    made = topic(2, cleanup_policy="compact")
    fails("TOPIC_ALREADY_EXISTS", lambda: one(admin.create_topics([NewTopic(made, 1, 1)])))
    fails("INVALID_CONFIG", lambda: one(admin.create_topics([NewTopic(name(), 1, 1, config={"no.such": "1"})])))
    fails("TOPIC_EXCEPTION", lambda: one(admin.create_topics([NewTopic("a b", 1, 1)])))
    one(admin.create_partitions([NewPartitions(made, 5)]))
    eventually(lambda: len(admin.list_topics(made, 10).topics[made].partitions) == 5)
    fails("INVALID_PARTITIONS", lambda: one(admin.create_partitions([NewPartitions(made, 5)])))
    alter(made, "retention.ms", "5000", keeping={"cleanup.policy": "compact"})

    def described():
        values = one(admin.describe_configs([ConfigResource("topic", made)]))
        return (values["cleanup.policy"].value, values["retention.ms"].value) == ("compact", "5000")
    eventually(described)
    one(admin.delete_topics([made]))
    eventually(lambda: made not in admin.list_topics(timeout=10).topics)


@check("groups are listed, described and deleted, with their offsets")
def group_administration():
    to, group = topic(), name("group")
    write(to, ["a"])
    member = consumer(group, client_id="me")
    member.subscribe([to])
    eventually(lambda: member.consume(1, 0.2), 40, "reading")
    member.commit(asynchronous=False)
    equal(group in [g.group_id for g in admin.list_consumer_groups().result(10).valid], True, "listed")
    described = one(admin.describe_consumer_groups([group]))
    equal((described.state.name, [m.client_id for m in described.members]), ("STABLE", ["me"]))
    fails("NON_EMPTY_GROUP", lambda: one(admin.delete_consumer_groups([group])))
    member.close()
    one(admin.delete_consumer_groups([group]))
    equal(consumer(group).committed([TopicPartition(to, 0)], 10)[0].offset, confluent_kafka.OFFSET_INVALID)


run(f"librdkafka {confluent_kafka.libversion()[0]}")
