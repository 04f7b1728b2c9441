using System.Text.Json;

namespace SearchEngine.Cli.Tests;

public sealed class EmbedTests
{
    [Fact]
    public async Task Vectors_come_one_a_line_in_the_order_of_the_texts()
    {
        using var folder = new TemporaryFolder();
        // Lengths that a batcher sorts differently from their order; the empty text is one too.
        var texts = new[]
        {
            "a much longer text about sourdough bread, cast iron pots and steam",
            "river",
            "",
            "a bicycle chain in the rain",
            "river",
        };

        var all = (await CliProcess.RunWithAsync(folder.Path, string.Join('\n', texts) + "\n", null, "embed", "--json")).Expect(0);
        var one = (await CliProcess.RunWithAsync(folder.Path, "a bicycle chain in the rain", null, "embed")).Expect(0);

        var vectors = all.OutLines.Select(Parse).ToArray();
        Assert.Equal(texts.Length, vectors.Length);
        Assert.All(vectors, vector => Assert.Equal(vectors[0].Length, vector.Length));
        foreach (var (vector, text) in vectors.Zip(texts).Where(pair => pair.Second.Length > 0))
            Assert.True(Math.Abs(vector.Sum(x => x * x) - 1) < 1e-4, $"'{text}' is not of unit length");
        AssertClose(vectors[1], vectors[4]);
        AssertClose(vectors[3], Parse(Assert.Single(one.OutLines)));
        Assert.Equal(string.Empty, all.Error);
    }

    [Fact]
    public async Task Fewer_dimensions_are_the_leading_ones_normalised_again()
    {
        using var folder = new TemporaryFolder();
        var whole = Parse((await CliProcess.RunWithAsync(folder.Path, "a delta grows", null, "embed", "--query")).Expect(0).OutLines[0]);
        var cut = Parse(
            (await CliProcess.RunWithAsync(folder.Path, "a delta grows", null, "embed", "--query", "--dimensions", "64"))
                .Expect(0)
                .OutLines[0]
        );

        var length = MathF.Sqrt(whole.Take(64).Sum(x => x * x));
        AssertClose([.. whole.Take(64).Select(x => x / length)], cut);
    }

    [Fact]
    public async Task Token_ids_are_embedded_as_they_are()
    {
        using var folder = new TemporaryFolder();

        var result = (await CliProcess.RunWithAsync(folder.Path, "[5,6,7]\n[8]\n", null, "embed", "--tokens")).Expect(0);

        Assert.Equal(2, result.OutLines.Length);
        (await CliProcess.RunWithAsync(folder.Path, "five\n", null, "embed", "--tokens")).ExpectOneLineError(
            "JSON array of token ids",
            "five"
        );
    }

    [Fact]
    public async Task A_line_is_answered_before_the_next_is_sent()
    {
        using var folder = new TemporaryFolder();
        using var process = CliProcess.Start(folder.Path, null, "embed");
        var timeout = TimeSpan.FromMinutes(5);
        for (var i = 0; i < 3; i++)
        {
            await process.StandardInput.WriteLineAsync($"text {i}");
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            var line = await process
                .StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                .AsTask()
                .WaitAsync(timeout, TestContext.Current.CancellationToken);
            Assert.NotEmpty(Parse(line!));
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(timeout, TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task A_model_file_cut_short_is_named()
    {
        using var folder = new TemporaryFolder();
        var model = Path.Combine(CliProcess.BinaryDirectory, "models", "default");
        Directory.CreateDirectory(folder.Combine("cut"));
        foreach (var file in Directory.EnumerateFiles(model))
        {
            var target = folder.Combine("cut", Path.GetFileName(file));
            File.Copy(file, target);
            if (!file.EndsWith(".safetensors", StringComparison.Ordinal))
                continue;
            using var stream = File.OpenWrite(target);
            stream.SetLength(stream.Length / 2);
        }

        var result = await CliProcess.RunWithAsync(folder.Path, "text\n", null, "embed", "--model", "cut");

        result.ExpectOneLineError(".safetensors", "truncated");
    }

    [Fact]
    public async Task A_missing_model_folder_is_named()
    {
        using var folder = new TemporaryFolder();

        (await CliProcess.RunWithAsync(folder.Path, "text\n", null, "embed", "--model", "nowhere")).ExpectOneLineError(
            "nowhere",
            "--model"
        );
    }

    private static float[] Parse(string line) => JsonSerializer.Deserialize<float[]>(line)!;

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }
}
