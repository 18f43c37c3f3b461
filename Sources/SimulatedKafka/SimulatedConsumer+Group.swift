internal import Kafka

/// The member's side of the group's protocol.
extension SimulatedConsumer {
    /// Goes as far as it can without the owner or other members.
    func serve() {
        if isAnswerDue { return }
        switch phase {
        case .outside: return
        case .joining: join()
        case .syncing: sync()
        case .steady:
            heartbeat(isInBackground: false)
            endSession()
            answerSummons()
            // Without anything to give away it joins at once.
            if case .joining = phase { join() }
        }
    }

    /// The heartbeat that librdkafka's own thread sends. What it learns waits for the next poll.
    func beat() {
        if isDead { return }
        switch phase {
        case .steady, .syncing: heartbeat(isInBackground: true)
        case .outside, .joining: break
        }
    }

    /// Asks to join, until there is nothing to do but wait for the others.
    func join() {
        do throws(CallFailure) {
            for _ in 0..<2 where !isDead {
                let answer = try call(.joinGroup) { () throws(ErrorCode) in
                    try model.joinGroup(group, request)
                }
                switch answer {
                case .named(let id), .admitted(let id): membership.memberID = id
                case .waiting: return
                case .joined(let generation, _, let leader, let members):
                    membership.generation = generation
                    summons = nil
                    phase = .syncing(assignments: leader == membership.memberID ? shareOut(members) : [:])
                    return sync()
                }
            }
        } catch {
            startOver(after: error)
        }
    }

    private func sync() {
        guard case .syncing(let assignments) = phase else { return }
        do throws(CallFailure) {
            let answer = try call(.syncGroup) { () throws(ErrorCode) in
                try model.syncGroup(group, membership, assignments: assignments)
            }
            guard let answer else { return }
            phase = .steady
            lastHeartbeat = model.now
            share = ConsumerProtocol.decode(assignment: answer)
            note(.assign(share, incremental: false))
        } catch {
            startOver(after: error)
        }
    }

    private func startOver(after failure: CallFailure) {
        switch failure {
        case .fault: return
        case .answer(.unknownMemberID): membership.memberID = ""
        case .answer: break
        }
        phase = .joining
    }

    private func heartbeat(isInBackground: Bool) {
        if model.now < lastHeartbeat.addingReportingOverflow(process.heartbeatInterval).partialValue {
            return
        }
        do throws(CallFailure) {
            if isInBackground {
                // Time moves on: this is no moment to ask for faults, which may move it on too.
                do throws(ErrorCode) { try model.heartbeat(group, membership) } catch { throw .answer(error) }
            } else {
                try call(.heartbeat) { () throws(ErrorCode) in try model.heartbeat(group, membership) }
            }
            lastHeartbeat = model.now
        } catch {
            guard case .answer(let code) = error else { return }
            lastHeartbeat = model.now
            guard case .steady = phase else { return }
            switch code {
            case .unknownMemberID:
                // The generation stays, so that nobody takes it for a stranger who commits.
                membership.memberID = ""
                summons = .lost
            case .illegalGeneration: summons = .lost
            case .fencedInstanceID:
                failure = KafkaError(
                    code: Int32(code.rawValue), reason: "another process has the instance id", remedy: .fatal)
            default: summons = summons ?? .rejoin
            }
        }
    }

    /// Without an answer to its heartbeats for a session's time a member takes itself for expelled, as librdkafka's
    /// does.
    private func endSession() {
        guard model.now - lastHeartbeat >= process.sessionTimeout else { return }
        lastHeartbeat = model.now
        membership.memberID = ""
        summons = .lost
    }

    private func answerSummons() {
        guard let summons else { return }
        self.summons = nil
        if share.isEmpty {
            phase = .joining
        } else {
            note(.revoke(share, incremental: false, lost: summons == .lost))
        }
    }

    private func note(_ rebalance: Rebalance) {
        noted = rebalance
        isAnswerDue = true
    }

    private var request: JoinRequest {
        var request = JoinRequest(
            memberID: membership.memberID, clientID: client, sessionTimeout: process.sessionTimeout,
            rebalanceTimeout: process.rebalanceTimeout,
            ways: [("range", ConsumerProtocol.encode(subscription: topics))])
        request.instanceID = membership.instanceID
        return request
    }

    private func shareOut(_ members: [String: [UInt8]]) -> [String: [UInt8]] {
        ConsumerProtocol.range(
            subscriptions: members.mapValues { ConsumerProtocol.decode(subscription: $0) },
            counts: model.topicPartitionCounts
        ).mapValues { ConsumerProtocol.encode(assignment: $0) }
    }
}
