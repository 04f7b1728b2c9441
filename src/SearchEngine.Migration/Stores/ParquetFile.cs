using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;

namespace SearchEngine.Migration;

/// <summary>A Parquet file, row group by row group: columns of scalars and of lists; others have no counterpart.</summary>
internal sealed class ParquetFile(string path) : IForeignStore
{
    public string Kind => "Parquet table";

    public string Name => Path.GetFileNameWithoutExtension(path);

    public StoreFacts Facts { get; } = new();

    public async IAsyncEnumerable<ForeignRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        var reader = await ReadingAsync(() => ParquetReader.CreateAsync(file, null, true, cancellationToken)).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var names = reader.Schema.Fields.Select(field => field.Name).ToArray();
            var row = 0L;
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                var columns = await ReadGroupAsync(reader, group, cancellationToken).ConfigureAwait(false);
                for (var i = 0; columns.Length > 0 && i < columns[0].Length; i++)
                {
                    var values = new Dictionary<string, object?>(StringComparer.Ordinal);
                    for (var column = 0; column < names.Length; column++)
                        values[names[column]] = columns[column][i];
                    yield return new ForeignRow($"row {++row}", values);
                }
            }
            TableFacts.Add(Facts, names);
        }
    }

    private Task<object?[][]> ReadGroupAsync(ParquetReader reader, int group, CancellationToken cancellationToken) =>
        ReadingAsync(async () =>
        {
            using var rows = reader.OpenRowGroupReader(group);
            var fields = reader.Schema.Fields;
            var columns = new object?[fields.Count][];
            for (var i = 0; i < columns.Length; i++)
                columns[i] = await ParquetValues.ReadAsync(rows, fields[i], cancellationToken).ConfigureAwait(false);
            return columns;
        });

    private async Task<T> ReadingAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or MigrationException))
        {
            throw new MigrationException(
                $"{Path.GetFileName(path)} cannot be read as Parquet (cut short, damaged, or of a kind that is not known here): "
                    + $"{e.Message}",
                e
            );
        }
    }
}
