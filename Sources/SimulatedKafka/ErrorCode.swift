/// The error codes of Kafka's protocol that the model answers, with the protocol's numbers.
public enum ErrorCode: Int16, Error, Sendable {
    /// The offset is below the earliest or above the end.
    case offsetOutOfRange = 1
    /// A batch is damaged.
    case corruptMessage = 2
    /// No such topic partition.
    case unknownTopicOrPartition = 3
    /// The member's generation is not the group's.
    case illegalGeneration = 22
    /// The members of a group have no way of sharing out in common.
    case inconsistentGroupProtocol = 23
    /// The group does not know the member.
    case unknownMemberID = 25
    /// The group is being shared out anew.
    case rebalanceInProgress = 27
    /// The request's version is not known.
    case unsupportedVersion = 35
    /// The batch's format is not known.
    case unsupportedForMessageFormat = 43
    /// A batch came that does not follow on the producer's last one.
    case outOfOrderSequenceNumber = 45
    /// Another producer with a newer epoch wrote to the topic partition.
    case invalidProducerEpoch = 47
    /// The transaction is in no state for this.
    case invalidTransactionState = 48
    /// The producer id does not belong to the transactional id.
    case invalidProducerIDMapping = 49
    /// The last transaction of this transactional id is still being ended.
    case concurrentTransactions = 51
    /// Something else in the same request was wrong.
    case operationNotAttempted = 55
    /// The member is to join again under the name it was given.
    case memberIDRequired = 79
    /// A record breaks a rule.
    case invalidRecord = 87
    /// A transaction is open that holds some of the offsets asked for.
    case unstableOffsetCommit = 88
    /// The transactional id has a newer holder.
    case producerFenced = 90
}
