"""What kafka-python must see. Usage: kafka_python.py HOST:PORT"""
import sys

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic

from checks import check, equal, eventually, name, run

BROKERS = sys.argv[1]
admin = KafkaAdminClient(bootstrap_servers=BROKERS)


def topic(partitions=1, **config):
    made = name()
    admin.create_topics([NewTopic(made, partitions, 1, topic_configs=config)])
    return made


def write(to, values, **settings):
    made = KafkaProducer(bootstrap_servers=BROKERS, **settings)
    for value in values:
        made.send(to, value=value.encode(), partition=0)
    made.flush(15)
    made.close()


def read(of, count, **settings):
    made = KafkaConsumer(bootstrap_servers=BROKERS, auto_offset_reset="earliest", **settings)
    made.assign([TopicPartition(of, 0)])
    seen = []

    def enough():
        for records in made.poll(200).values():
            seen.extend(record.value.decode() for record in records)
        return len(seen) >= count
    eventually(enough)
    made.close()
    return seen


for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
    @check(f"records compressed with {codec} come back")
    def codecs(codec=codec):
        to, values = topic(), [f"{codec} {i} " + "x" * 100 for i in range(200)]
        write(to, values, compression_type=codec)
        equal(read(to, 200), values)


@check("a group goes on from what was committed")
def groups():
    to, group = topic(2), name("group")
    write(to, ["a", "b"])
    for wanted in (["a", "b"], ["c"]):
        member = KafkaConsumer(to, bootstrap_servers=BROKERS, group_id=group, auto_offset_reset="earliest",
                               enable_auto_commit=False)
        seen = []

        def enough():
            for records in member.poll(200).values():
                seen.extend(record.value.decode() for record in records)
            return len(seen) >= len(wanted)
        eventually(enough, 30)
        equal(seen, wanted)
        member.commit()
        member.close()
        write(to, ["c"])


@check("transactions are seen when they commit")
def transactions():
    to = topic()
    made = KafkaProducer(bootstrap_servers=BROKERS, transactional_id=name("txn"))
    made.init_transactions()
    for value in ("no", "yes"):
        made.begin_transaction()
        made.send(to, value=value.encode()).get(10)
        made.abort_transaction() if value == "no" else made.commit_transaction()
    made.close()
    equal(read(to, 1, isolation_level="read_committed"), ["yes"])


@check("topics and groups are administered")
def administration():
    made = topic(1, **{"cleanup.policy": "compact"})
    admin.create_partitions({made: NewPartitions(3)})
    eventually(lambda: len(admin.describe_topics([made])[0]["partitions"]) == 3)
    admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, made)])
    admin.delete_topics([made])
    eventually(lambda: made not in admin.list_topics())


run(f"kafka-python {kafka.__version__}")
