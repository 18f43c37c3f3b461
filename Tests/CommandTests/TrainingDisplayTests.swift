import Affinity
import Testing
import Training

@testable import foreshadow

@Suite struct TrainingDisplayTests {
    private func progress(
        _ phase: TrainingPhase, _ epoch: Int, _ fraction: Double, heldOut: Double? = nil
    ) -> TrainingProgress {
        var losses = HeadLosses()
        losses.next = 0.25
        var held: HeadLosses?
        if let heldOut {
            held = HeadLosses()
            held?.next = heldOut
            held?.share = 1
        }
        return TrainingProgress(
            phase: phase, epoch: epoch, epochsMax: 4, fraction: fraction, training: losses, heldOut: held)
    }

    @Test func `the time left counts the final part too, and begins anew with it`() {
        var display = TrainingDisplay()
        #expect(!display.line(progress(.search, 1, 0.25), seconds: 10).contains("left"))
        // A quarter of an epoch took 5 s: 7 and a half epochs are to come.
        #expect(
            display.line(progress(.search, 1, 0.5), seconds: 15)
                == "███░░░░░░░░░░░░░░░░░░░░░ searching, epoch 1 of at most 4, log loss 0.2500, at most 2 min 30 s left"
        )
        #expect(!display.line(progress(.final, 1, 0.5), seconds: 60).contains("left"))
        #expect(display.line(progress(.final, 2, 0.5), seconds: 80).hasSuffix(", 50 s left"))
    }

    @Test func `a training that goes on is timed from where it goes on`() {
        var display = TrainingDisplay()
        _ = display.line(progress(.final, 3, 0), seconds: 2)
        #expect(display.line(progress(.final, 4, 0), seconds: 12).hasSuffix(", 10 s left"))
    }

    @Test func `an epoch's line says whether it is the best so far`() {
        var display = TrainingDisplay()
        #expect(
            display.epochLine(progress(.search, 1, 1, heldOut: 0.4))
                == "searching, epoch 1 of at most 4: log loss 0.2500, held out 0.4000, all heads 1.4000, best so far"
        )
        #expect(display.epochLine(progress(.search, 2, 1, heldOut: 0.5)).hasSuffix("all heads 1.5000"))
        #expect(display.epochLine(progress(.search, 3, 1, heldOut: 0.3)).hasSuffix("best so far"))
        #expect(display.epochLine(progress(.final, 1, 1)) == "training, epoch 1 of 4: log loss 0.2500")
    }
}
