"""What aiokafka must see. Usage: aio_kafka.py HOST:PORT"""
import asyncio
import sys

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from checks import check, equal, name, run

BROKERS = sys.argv[1]


async def topic(partitions=1):
    made, admin = name(), AIOKafkaAdminClient(bootstrap_servers=BROKERS)
    await admin.start()
    await admin.create_topics([NewTopic(made, partitions, 1)])
    await admin.close()
    return made


async def write(to, values, **settings):
    async with AIOKafkaProducer(bootstrap_servers=BROKERS, **settings) as made:
        for value in values:
            await made.send(to, value.encode(), partition=0)
        await made.flush()


async def take(member, count):
    seen = []
    while len(seen) < count:
        for records in (await member.getmany(timeout_ms=200)).values():
            seen.extend(record.value.decode() for record in records)
    return seen


async def read(of, count, **settings):
    made = AIOKafkaConsumer(bootstrap_servers=BROKERS, auto_offset_reset="earliest", **settings)
    await made.start()
    made.assign([TopicPartition(of, 0)])
    try:
        return await asyncio.wait_for(take(made, count), 20)
    finally:
        await made.stop()


for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
    @check(f"records compressed with {codec} come back")
    def codecs(codec=codec):
        async def body():
            to, values = await topic(), [f"{codec} {i} " + "x" * 100 for i in range(200)]
            await write(to, values, compression_type=codec)
            equal(await read(to, 200), values)
        asyncio.run(body())


@check("a group goes on from what was committed")
def groups():
    async def body():
        to, group = await topic(2), name("group")
        await write(to, ["a", "b"])
        for wanted in (["a", "b"], ["c"]):
            member = AIOKafkaConsumer(to, bootstrap_servers=BROKERS, group_id=group, auto_offset_reset="earliest",
                                      enable_auto_commit=False)
            await member.start()
            equal(await asyncio.wait_for(take(member, len(wanted)), 30), wanted)
            await member.commit()
            await member.stop()
            await write(to, ["c"])
    asyncio.run(body())


@check("transactions are seen when they commit, with their offsets")
def transactions():
    async def body():
        to, group = await topic(), name("group")
        async with AIOKafkaProducer(bootstrap_servers=BROKERS, transactional_id=name("txn")) as made:
            for value in ("no", "yes"):
                await made.begin_transaction()
                await made.send_and_wait(to, value.encode())
                await made.send_offsets_to_transaction({TopicPartition(to, 0): 1 if value == "no" else 2}, group)
                await (made.abort_transaction() if value == "no" else made.commit_transaction())
        equal(await read(to, 1, isolation_level="read_committed"), ["yes"])
        member = AIOKafkaConsumer(bootstrap_servers=BROKERS, group_id=group)
        await member.start()
        member.assign([TopicPartition(to, 0)])
        equal(await member.committed(TopicPartition(to, 0)), 2)
        await member.stop()
    asyncio.run(body())


run(f"aiokafka {aiokafka.__version__}")
