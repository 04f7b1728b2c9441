using System.Text.Json;

namespace SearchEngine.Training;

/// <summary>One line of a training log and of its progress.</summary>
public sealed record TrainingProgress
{
    /// <summary>Optimizer steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public required long Steps { get; init; }

    /// <summary>Mean loss since the last line.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean accuracy since the last line: of masked or next tokens, or of positives found in the batch.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Norm of the last step's gradient before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Tokens trained on per second since the last line.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Seconds of training so far, over all resumptions.</summary>
    public required double Seconds { get; init; }

    /// <summary>Estimated seconds to the end.</summary>
    public required double SecondsLeft { get; init; }
}

/// <summary>
/// The log of a run: JSON lines, appended and flushed one by one. A resumed run cuts the lines after its checkpoint, so that the file tells
/// one curve.
/// </summary>
internal sealed class TrainingLog : IDisposable
{
    public const string FileName = "training-log.jsonl";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
    private readonly StreamWriter _writer;

    public TrainingLog(string directory, long keepUpToStep)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        List<string> kept =
            keepUpToStep > 0 && File.Exists(path)
                ? [.. Read(path).Where(p => p.Step <= keepUpToStep).Select(p => JsonSerializer.Serialize(p, Options))]
                : [];
        _writer = new StreamWriter(path, append: false) { AutoFlush = true };
        foreach (var line in kept)
            _writer.WriteLine(line);
    }

    /// <summary>Reads a log; a torn last line is left out.</summary>
    public static IEnumerable<TrainingProgress> Read(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            TrainingProgress? progress;
            try
            {
                progress = JsonSerializer.Deserialize<TrainingProgress>(line, Options);
            }
            catch (JsonException)
            {
                yield break;
            }

            if (progress is not null)
                yield return progress;
        }
    }

    public void Write(TrainingProgress progress) => _writer.WriteLine(JsonSerializer.Serialize(progress, Options));

    public void Dispose() => _writer.Dispose();
}
