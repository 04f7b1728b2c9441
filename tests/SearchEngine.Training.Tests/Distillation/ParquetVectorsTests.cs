using Parquet;
using Parquet.Schema;
using SearchEngine.Training.Distillation;
using Xunit;

namespace SearchEngine.Training.Tests.Distillation;

/// <summary>Rule: a file of vectors reads back as it was written, also one that another program laid out; what is missing is named.</summary>
public sealed class ParquetVectorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("parquet-vectors").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(2500, 2000)]
    public async Task What_is_written_is_read_back_over_several_row_groups(int rows, int dimension)
    {
        var path = Path.Combine(_folder, "vectors.parquet");
        var random = new Random(rows);
        var written = Enumerable
            .Range(0, rows)
            .Select(i =>
                (Text: $"text {i} é 文\t\"", Vector: Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f).ToArray())
            )
            .ToList();
        await using (var file = await VectorFileWriter.CreateAsync(path, TestContext.Current.CancellationToken))
        {
            foreach (var (text, vector) in written)
                await file.WriteAsync(text, vector, TestContext.Current.CancellationToken);
            await file.CompleteAsync(TestContext.Current.CancellationToken);
        }

        var read = await ReadAsync(path);
        Assert.Equal(written.Select(row => row.Text), read.Select(row => row.Text));
        Assert.All(written.Zip(read), pair => Assert.Equal(pair.First.Vector, pair.Second.Vector));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task The_layout_of_another_program_is_read()
    {
        // Optional columns, elements called item and stored as double, one more column: what dataframes write.
        var id = new DataField("id", typeof(long), isNullable: false);
        var text = new DataField("text", typeof(string), isNullable: true);
        var item = new DataField("item", typeof(double), isNullable: true);
        var path = await WriteAsync(
            [id, text, new ListField("vector", item)],
            async group =>
            {
                await group.WriteAllPartsAsync<long>(id, new long[] { 1, 2 }, null, null, default);
                await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
                    text,
                    new[] { "one".AsMemory(), "two".AsMemory() },
                    new[] { 1, 1 },
                    null,
                    default
                );
                var levels = Enumerable.Repeat(item.MaxDefinitionLevel, 4).ToArray();
                await group.WriteAllPartsAsync<double>(item, new[] { 1, 2, 3, 4.5 }, levels, new[] { 0, 1, 0, 1 }, default);
            }
        );

        var read = await ReadAsync(path);
        Assert.Equal(["one", "two"], read.Select(row => row.Text));
        Assert.Equal([3f, 4.5f], read[1].Vector);
    }

    [Fact]
    public async Task Missing_columns_and_vectors_that_are_none_are_refused()
    {
        var id = new DataField("id", typeof(long), isNullable: false);
        var path = await WriteAsync([id], group => group.WriteAllPartsAsync<long>(id, new long[] { 1 }, null, null, default));
        var error = await Assert.ThrowsAsync<FormatException>(() => ReadAsync(path));
        Assert.Contains("'text' must be a string; the file has: id", error.Message, StringComparison.Ordinal);

        await using var file = await VectorFileWriter.CreateAsync(Path.Combine(_folder, "a.jsonl"), TestContext.Current.CancellationToken);
        await file.WriteAsync("one", new float[] { 1, 2 }, TestContext.Current.CancellationToken);
        foreach (var vector in new float[][] { [], [1], [1, float.NaN], [float.PositiveInfinity, 1] })
            await Assert.ThrowsAsync<ArgumentException>(async () => await file.WriteAsync("two", vector));
    }

    private static async Task<List<(string Text, float[] Vector)>> ReadAsync(string path)
    {
        using var stream = File.OpenRead(path);
        return await ParquetVectors.ReadAsync(stream).ToListAsync();
    }

    private async Task<string> WriteAsync(Field[] fields, Func<ParquetRowGroupWriter, Task> write)
    {
        var path = Path.Combine(_folder, "other.parquet");
        using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream, null, false, default);
        using var group = writer.CreateRowGroup();
        await write(group);
        group.CompleteValidate();
        return path;
    }
}
