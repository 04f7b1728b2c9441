using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;

namespace SearchEngine.Migration;

/// <summary>Arrow IPC, as a file (Feather) or a stream, batch by batch: what LanceDB's <c>to_arrow()</c> gives.</summary>
internal sealed class ArrowFile(string path, bool isStream) : IForeignStore
{
    public string Kind => "Arrow table";

    public string Name => Path.GetFileNameWithoutExtension(path);

    public StoreFacts Facts { get; } = new();

    public async IAsyncEnumerable<ForeignRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        using var reader = Open(file);
        var row = 0L;
        while (await NextAsync(reader, cancellationToken).ConfigureAwait(false) is { } batch)
        {
            using (batch)
            {
                for (var i = 0; i < batch.Length; i++)
                {
                    var values = new Dictionary<string, object?>(StringComparer.Ordinal);
                    for (var column = 0; column < batch.ColumnCount; column++)
                        values[batch.Schema.GetFieldByIndex(column).Name] = ArrowValues.ValueOf(batch.Column(column), i);
                    yield return new ForeignRow($"row {++row}", values);
                }
            }
        }
        TableFacts.Add(Facts, reader.Schema.FieldsList.Select(field => field.Name));
    }

    private ArrowStreamReader Open(Stream file)
    {
        var codecs = new CompressionCodecFactory();
        return isStream
            ? new ArrowStreamReader(file, allocator: null, codecs, leaveOpen: true)
            : new ArrowFileReader(file, allocator: null, codecs, leaveOpen: true);
    }

    private async Task<RecordBatch?> NextAsync(ArrowStreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextRecordBatchAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new MigrationException(
                $"{Path.GetFileName(path)} cannot be read as Arrow (cut short, damaged, or of another format): {e.Message}",
                e
            );
        }
    }
}
