using System.Text;
using System.Text.Json;
using SearchEngine.Training.Distillation;

namespace SearchEngine.Training;

/// <summary>
/// Writes texts with their vectors into a file that a distillation takes as a teacher (<c>TeacherConfig.Vectors</c>): Parquet with the
/// columns <c>text</c> (string) and <c>vector</c> (list of float) where the name ends in <c>.parquet</c>, else JSON lines
/// <c>{"text": …, "vector": […]}</c>. The file has its name only once it is complete. Not thread-safe.
/// </summary>
public sealed class VectorFileWriter : IAsyncDisposable
{
    private const string Unfinished = ".unfinished";

    private readonly FileStream _stream;
    private readonly ParquetVectors.Writer? _parquet;
    private readonly string _path;
    private int _dimension;

    private VectorFileWriter(string path, FileStream stream, ParquetVectors.Writer? parquet)
    {
        _path = path;
        _stream = stream;
        _parquet = parquet;
    }

    /// <summary>Vectors written so far.</summary>
    public long Count { get; private set; }

    /// <summary>Begins a file; one of the name is replaced when the new one is complete.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="cancellationToken">Ends the beginning.</param>
    /// <exception cref="IOException">The folder does not exist, or cannot be written.</exception>
    public static async Task<VectorFileWriter> CreateAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = Path.GetFullPath(path);
        var stream = new FileStream(full + Unfinished, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        try
        {
            var parquet = ParquetVectors.IsParquet(full)
                ? await ParquetVectors.Writer.CreateAsync(stream, cancellationToken).ConfigureAwait(false)
                : null;
            return new VectorFileWriter(full, stream, parquet);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Adds one text.</summary>
    /// <param name="text">The text, as the student will be given it.</param>
    /// <param name="vector">Its vector: finite, of one length in all of the file.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="ArgumentException">The vector is empty, not finite, or of another length than those before it.</exception>
    public async ValueTask WriteAsync(string text, ReadOnlyMemory<float> vector, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (vector.IsEmpty || vector.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            throw new ArgumentException($"The vector of text {Count + 1} is empty or not finite.", nameof(vector));
        if (Count > 0 && vector.Length != _dimension)
        {
            throw new ArgumentException(
                $"The vector of text {Count + 1} has {vector.Length} elements, those before it {_dimension}.",
                nameof(vector)
            );
        }
        _dimension = vector.Length;
        Count++;
        if (_parquet is not null)
            await _parquet.WriteAsync(text, vector, cancellationToken).ConfigureAwait(false);
        else
            await _stream.WriteAsync(LineOf(text, vector.Span), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the file whole, durable and gives it its name.</summary>
    /// <exception cref="InvalidOperationException">It would hold no vector.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        if (Count == 0)
            throw new InvalidOperationException($"There was no text to embed: {_path} would be empty, and no teacher.");
        if (_parquet is not null)
            await _parquet.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _stream.Flush(flushToDisk: true);
        await _stream.DisposeAsync().ConfigureAwait(false);
        File.Move(_path + Unfinished, _path, overwrite: true);
    }

    /// <summary>Releases the file; one that was not completed is removed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        File.Delete(_path + Unfinished);
    }

    private static byte[] LineOf(string text, ReadOnlySpan<float> vector)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            writer.WriteString("text", text);
            writer.WriteStartArray("vector");
            foreach (var element in vector)
                writer.WriteNumberValue(element);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.ToArray();
    }
}
