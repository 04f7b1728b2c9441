using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>What one batch gave.</summary>
internal readonly record struct BatchResult(double Loss, double Accuracy, long Tokens);

/// <summary>An objective over its data: adds the gradient of a batch to the parameters.</summary>
internal interface ITrainingObjective
{
    /// <summary>
    /// Computes the loss of a batch times <paramref name="scale"/> and its gradient. Torch's generator has been seeded for the batch;
    /// everything else that
    /// is random must be a function of the batch number.
    /// </summary>
    /// <param name="batch">Number of the batch from 0, in the order of training.</param>
    /// <param name="scale">Factor on the loss before its gradient is taken: 1 / accumulation.</param>
    /// <param name="seed">The seed that torch's generator was given, for passes that must repeat their dropout.</param>
    BatchResult Accumulate(long batch, double scale, long seed);
}

/// <summary>
/// The loop all objectives share: accumulation, clipping, learning-rate schedule, AdamW, log lines, checkpoints, resumption. Not
/// thread-safe.
/// </summary>
internal sealed class TrainingLoop(TrainingConfig config, ITrainingObjective objective, IReadOnlyList<ParameterGroup> groups)
{
    private const int TorchStream = 7;

    /// <summary>Called after each checkpoint, to write the model as it is then.</summary>
    public Action? AfterCheckpoint { get; init; }

    /// <summary>Told of a checkpoint that is passed over.</summary>
    public IProgress<string>? Messages { get; init; }

    /// <summary>Trains to the last step, the time limit or cancellation; each ends with a checkpoint.</summary>
    /// <returns>The last line of the log.</returns>
    /// <exception cref="TrainingException">The loss is not a number any more, or the checkpoint does not fit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a checkpoint has been written.</exception>
    public TrainingProgress Run(bool resume, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var output = config.OutputPath;
        using var optimizer = new AdamW(groups, config.Beta1, config.Beta2, config.Epsilon);
        var start = 0L;
        var secondsBefore = 0.0;
        var identity = RunIdentity.Of(config);
        if (resume && TrainingCheckpoint.LoadNewest(output, optimizer, config, Messages) is { } state)
        {
            RunIdentity.Verify(output, identity);
            start = state.Step;
            secondsBefore = state.Seconds;
        }
        else
        {
            RunIdentity.Write(output, identity);
        }

        File.WriteAllText(Path.Combine(output, "training-config.json"), config.ToJson());
        using var log = new TrainingLog(output, start);
        var schedule = new LearningRateSchedule(config.Steps, config.WarmupSteps, config.Decay);
        var clock = Stopwatch.StartNew();
        var limit = config.TimeLimitMinutes * 60;
        var window = new Window();
        TrainingProgress? last = null;
        var step = start;
        double Seconds() => secondsBefore + clock.Elapsed.TotalSeconds;
        void Checkpoint()
        {
            TrainingCheckpoint.Save(
                output,
                new CheckpointState(1, step, config.Seed, optimizer.StepCount, Seconds(), config.Lora?.Alpha),
                optimizer
            );
            AfterCheckpoint?.Invoke();
        }

        while (step < config.Steps && !(Seconds() >= limit))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Checkpoint();
                cancellationToken.ThrowIfCancellationRequested();
            }

            var rate = config.LearningRate * Factor(schedule, step, Seconds(), limit);
            optimizer.ClearGradients();
            for (var part = 0; part < config.Accumulation; part++)
            {
                using var scope = NewDisposeScope();
                var batch = step * config.Accumulation + part;
                var seed = (long)(DeterministicRandom.For(config.Seed, TorchStream, batch).NextUInt64() >> 2);
                torch.manual_seed(seed);
                var result = objective.Accumulate(batch, 1.0 / config.Accumulation, seed);
                if (!double.IsFinite(result.Loss))
                {
                    throw new TrainingException(
                        $"The loss exploded to {result.Loss} at step {step + 1} (learning rate {rate:G3}). Lower 'learningRate', lengthen 'warmupSteps' or lower 'clipNorm', then --resume from the last checkpoint or start again."
                    );
                }

                window.Add(result);
            }

            var norm = optimizer.ClipGradients(config.ClipNorm);
            if (!double.IsFinite(norm))
            {
                throw new TrainingException(
                    $"The gradient exploded to norm {norm} at step {step + 1} (learning rate {rate:G3}). Lower 'learningRate' or lengthen 'warmupSteps'."
                );
            }
            optimizer.Step(rate);
            step++;

            if (step % config.LogEvery == 0 || step == config.Steps || Seconds() >= limit)
            {
                var seconds = Seconds();
                last = new TrainingProgress
                {
                    Step = step,
                    Steps = config.Steps,
                    Loss = window.Loss,
                    Accuracy = window.Accuracy,
                    LearningRate = rate,
                    GradientNorm = norm,
                    TokensPerSecond = window.TokensPerSecond,
                    Seconds = seconds,
                    SecondsLeft = Math.Min(
                        clock.Elapsed.TotalSeconds / (step - start) * (config.Steps - step),
                        Math.Max(0, (limit ?? double.MaxValue) - seconds)
                    ),
                };
                log.Write(last);
                progress?.Report(last);
                window = new Window();
            }

            if (config.CheckpointEvery > 0 && step % config.CheckpointEvery == 0 && step < config.Steps)
                Checkpoint();
        }

        if (step > start)
            Checkpoint();
        return last
            ?? TrainingLog.Read(Path.Combine(output, TrainingLog.FileName)).LastOrDefault()
            ?? throw new TrainingException(
                $"The run in '{output}' had nothing to do: it is already at step {step} of {config.Steps}. Raise 'steps' to go on."
            );
    }

    private double Factor(LearningRateSchedule schedule, long step, double seconds, double? limit)
    {
        if (limit is not { } end || step < config.WarmupSteps)
            return schedule.Factor(step);
        return schedule.FactorAt(Math.Clamp(Math.Max(seconds / end, (double)step / config.Steps), 0, 1));
    }

    private sealed class Window
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private double _loss;
        private double _accuracy;
        private long _tokens;
        private int _count;

        public double Loss => _loss / _count;

        public double Accuracy => _accuracy / _count;

        public double TokensPerSecond => _tokens / _clock.Elapsed.TotalSeconds;

        public void Add(BatchResult result)
        {
            _loss += result.Loss;
            _accuracy += result.Accuracy;
            _tokens += result.Tokens;
            _count++;
        }
    }
}
