/// The error codes of Kafka's protocol that the model answers, with the protocol's numbers.
public enum ErrorCode: Int16, Error, Sendable {
    /// The broker failed in a way it cannot tell.
    case unknownServerError = -1
    /// The offset is below the earliest or above the end.
    case offsetOutOfRange = 1
    /// A batch is damaged.
    case corruptMessage = 2
    /// No such topic partition.
    case unknownTopicOrPartition = 3
    /// The broker does not lead the topic partition.
    case notLeaderOrFollower = 6
    /// It took the broker too long.
    case requestTimedOut = 7
    /// A batch is greater than the topic allows.
    case messageTooLarge = 10
    /// The coordinator is still reading what it needs.
    case coordinatorLoadInProgress = 14
    /// There is no coordinator at present.
    case coordinatorNotAvailable = 15
    /// Another broker is the coordinator.
    case notCoordinator = 16
    /// A topic cannot be called that.
    case invalidTopic = 17
    /// There are not enough replicas to write.
    case notEnoughReplicas = 19
    /// The member's generation is not the group's.
    case illegalGeneration = 22
    /// The members of a group have no way of sharing out in common.
    case inconsistentGroupProtocol = 23
    /// A group cannot be called that.
    case invalidGroupID = 24
    /// The group does not know the member.
    case unknownMemberID = 25
    /// A member may not be silent for so long, or so short.
    case invalidSessionTimeout = 26
    /// The group is being shared out anew.
    case rebalanceInProgress = 27
    /// The request's version is not known.
    case unsupportedVersion = 35
    /// There is a topic of that name.
    case topicAlreadyExists = 36
    /// A topic cannot have so many topic partitions.
    case invalidPartitions = 37
    /// There are not as many brokers.
    case invalidReplicationFactor = 38
    /// A setting has no such name or no such value.
    case invalidConfig = 40
    /// The request makes no sense.
    case invalidRequest = 42
    /// The batch's format is not known.
    case unsupportedForMessageFormat = 43
    /// The rules of the broker forbid it.
    case policyViolation = 44
    /// A batch came that does not follow on the producer's last one.
    case outOfOrderSequenceNumber = 45
    /// Another producer with a newer epoch wrote to the topic partition.
    case invalidProducerEpoch = 47
    /// The transaction is in no state for this.
    case invalidTransactionState = 48
    /// The producer id does not belong to the transactional id.
    case invalidProducerIDMapping = 49
    /// A transaction may not take so long.
    case invalidTransactionTimeout = 50
    /// The last transaction of this transactional id is still being ended.
    case concurrentTransactions = 51
    /// Nothing was done, because of the errors of others in the same request.
    case operationNotAttempted = 55
    /// The log cannot be written.
    case storageError = 56
    /// The group has members.
    case nonEmptyGroup = 68
    /// There is no such group.
    case groupIDNotFound = 69
    /// The member is to join again under the name it was given.
    case memberIDRequired = 79
    /// Another process has joined under the same instance id since.
    case fencedInstanceID = 82
    /// A member of the group reads the topic.
    case groupSubscribedToTopic = 86
    /// A record breaks a rule.
    case invalidRecord = 87
    /// A transaction is open that holds some of the offsets asked for.
    case unstableOffsetCommit = 88
    /// The transactional id has a newer holder.
    case producerFenced = 90
    /// No topic has this id.
    case unknownTopicID = 100
}
