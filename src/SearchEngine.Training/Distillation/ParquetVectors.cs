using Parquet;
using Parquet.Schema;
using ParquetField = Parquet.Schema.DataField;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// Texts with their vectors as a Parquet file: a column <c>text</c> and a column <c>vector</c>, a list of float or double. What other
/// programs name the element of the list does not matter; other columns are passed over.
/// </summary>
internal static class ParquetVectors
{
    private const string TextColumn = "text";
    private const string VectorColumn = "vector";

    /// <summary>Elements held in memory before a row group is written: 16 MB.</summary>
    private const int RowGroupElements = 4 << 20;

    public static bool IsParquet(string path) => Path.GetExtension(path).Equals(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>All rows; nothing of a row may be absent.</summary>
    /// <exception cref="FormatException">It is no Parquet file, cut short, or of other columns.</exception>
    public static async IAsyncEnumerable<(string Text, float[] Vector)> ReadAsync(Stream input)
    {
        var reader = await ReadingAsync(() => ParquetReader.CreateAsync(input, null, true)).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var text = Find(reader, TextColumn, isList: false, typeof(ReadOnlyMemory<char>));
            var vector = Find(reader, VectorColumn, isList: true, typeof(float), typeof(double));
            for (var i = 0; i < reader.RowGroupCount; i++)
            {
                using var group = reader.OpenRowGroupReader(i);
                var texts = await ReadingAsync(() => ReadTextsAsync(group, text)).ConfigureAwait(false);
                var vectors = await ReadingAsync(() =>
                        vector.ClrType == typeof(float)
                            ? ReadVectorsAsync<float>(group, vector, x => x)
                            : ReadVectorsAsync<double>(group, vector, x => (float)x)
                    )
                    .ConfigureAwait(false);
                for (var row = 0; row < texts.Length; row++)
                    yield return (texts[row], vectors[row]);
            }
        }
    }

    private static ParquetField Find(ParquetReader reader, string name, bool isList, params Type[] types)
    {
        var fields = reader.Schema.GetDataFields();
        var found = fields.FirstOrDefault(field => field.Path.FirstPart == name);
        if (found is not null && found.MaxRepetitionLevel == (isList ? 1 : 0) && types.Contains(found.ClrType))
            return found;
        var columns = string.Join(", ", fields.Select(field => $"{field.Path.FirstPart} ({field.ClrType.Name})"));
        var wanted = isList ? "a list of float" : "a string";
        throw new FormatException($"column '{name}' must be {wanted}; the file has: {columns}");
    }

    private static async Task<string[]> ReadTextsAsync(ParquetRowGroupReader group, ParquetField field)
    {
        var rows = checked((int)group.RowCount);
        var values = new ReadOnlyMemory<char>[rows];
        var definitions = field.MaxDefinitionLevel > 0 ? new int[rows] : null;
        await group.ReadRawAsync<ReadOnlyMemory<char>>(field, values, AsMemory(definitions), null, default).ConfigureAwait(false);
        if (definitions is not null && Array.Exists(definitions, level => level < field.MaxDefinitionLevel))
            throw new FormatException($"a row has no '{TextColumn}'");
        return Array.ConvertAll(values, value => value.ToString());
    }

    private static async Task<float[][]> ReadVectorsAsync<T>(ParquetRowGroupReader group, ParquetField field, Converter<T, float> toFloat)
        where T : struct
    {
        var count = checked((int)(group.GetMetadata(field)?.MetaData?.NumValues ?? 0));
        var values = new T[count];
        var definitions = new int[count];
        var repetitions = new int[count];
        await group.ReadRawAsync<T>(field, values, definitions, repetitions, default).ConfigureAwait(false);
        if (Array.Exists(definitions, level => level < field.MaxDefinitionLevel))
            throw new FormatException($"a '{VectorColumn}' is absent, empty or has an absent element");
        var starts = Enumerable.Range(0, count).Where(i => repetitions[i] == 0).Append(count).ToArray();
        if (starts.Length - 1 != group.RowCount)
            throw new FormatException($"column '{VectorColumn}' has {starts.Length - 1} rows, the row group {group.RowCount}");
        return [.. Enumerable.Range(0, starts.Length - 1).Select(row => Array.ConvertAll(values[starts[row]..starts[row + 1]], toFloat))];
    }

    private static Memory<int>? AsMemory(int[]? levels) => levels is null ? (Memory<int>?)null : new Memory<int>(levels);

    /// <summary>Whatever the library throws at bytes that are no sound Parquet becomes one kind of error.</summary>
    private static async Task<T> ReadingAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or FormatException))
        {
            throw new FormatException($"not readable as Parquet (cut short, damaged, or of another format): {e.Message}", e);
        }
    }

    /// <summary>Writes row groups of bounded size. Not thread-safe.</summary>
    internal sealed class Writer
    {
        private static readonly ParquetField Text = new(TextColumn, typeof(string), isNullable: false);
        private static readonly ParquetField Element = new("element", typeof(float), isNullable: false);
        private static readonly ListField Vector = new(VectorColumn, Element);

        private readonly ParquetWriter _writer;
        private readonly List<ReadOnlyMemory<char>> _texts = [];
        private readonly List<float> _elements = [];
        private readonly List<int> _repetitions = [];

        private Writer(ParquetWriter writer) => _writer = writer;

        public static async Task<Writer> CreateAsync(Stream output, CancellationToken cancellationToken) =>
            new(
                await ParquetWriter
                    .CreateAsync(new ParquetSchema(Text, Vector), output, null, false, cancellationToken)
                    .ConfigureAwait(false)
            );

        public async ValueTask WriteAsync(string text, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
        {
            _texts.Add(text.AsMemory());
            _repetitions.Add(0);
            for (var i = 1; i < vector.Length; i++)
                _repetitions.Add(1);
            _elements.AddRange(vector.Span);
            if (_elements.Count >= RowGroupElements)
                await WriteGroupAsync(cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Writes what is left and the footer.</summary>
        public async Task CompleteAsync(CancellationToken cancellationToken)
        {
            if (_texts.Count > 0)
                await WriteGroupAsync(cancellationToken).ConfigureAwait(false);
            await _writer.DisposeAsync().ConfigureAwait(false);
        }

        private async Task WriteGroupAsync(CancellationToken cancellationToken)
        {
            using var group = _writer.CreateRowGroup();
            await group
                .WriteAllPartsAsync<ReadOnlyMemory<char>>(Text, _texts.ToArray(), null, null, cancellationToken)
                .ConfigureAwait(false);
            var definitions = new int[_elements.Count];
            Array.Fill(definitions, Element.MaxDefinitionLevel);
            await group
                .WriteAllPartsAsync<float>(Element, _elements.ToArray(), definitions, _repetitions.ToArray(), cancellationToken)
                .ConfigureAwait(false);
            group.CompleteValidate();
            _texts.Clear();
            _elements.Clear();
            _repetitions.Clear();
        }
    }
}
