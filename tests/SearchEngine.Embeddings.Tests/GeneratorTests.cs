using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using TorchSharp;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

public class GeneratorTests
{
    private const double Tolerance = 1e-5;

    [Fact]
    public async Task ATextAloneEqualsTheSameTextInAnyBatchAndOrder()
    {
        using var scratch = TextModel.Create();
        foreach (var type in new[] { "float32", "int8" })
        {
            using var generator = Load(scratch, o => o with { DataType = type, BatchTokens = 64 });
            string[] texts = [.. TextModel.Texts(40), "", "x"];
            var together = await generator.EmbedAsync(texts);
            var reversed = await generator.EmbedAsync([.. texts.Reverse()]);
            for (var i = 0; i < texts.Length; i++)
            {
                var alone = (await generator.EmbedAsync([texts[i]]))[0];
                Assert.Equal(1, TensorPrimitives.Norm(alone), 1e-5);
                Assert.InRange(Fixtures.LargestDifference(alone, together[i]), 0, Tolerance);
                Assert.InRange(Fixtures.LargestDifference(alone, reversed[^(i + 1)]), 0, Tolerance);
            }
        }
    }

    [Fact]
    public async Task PromptsAndInstructionsAreAttendedToButNotPooled()
    {
        using var scratch = TextModel.Create(extra: folder => new Llm2VecConfig { QueryPrompt = "query: ", MaxLength = 64 }.Write(folder));
        using var generator = Load(scratch, o => o with { Normalize = false });
        using var model = CheckpointLoader.Load(scratch.Path);
        var tokenizer = TextTokenizer.Load(scratch.Path);
        const string Text = "the quick index";
        var tokenized = tokenizer.Encode("query: ", Text, 64);
        Assert.True(tokenized.TextStart > 1);
        var wanted = MeanOf(model, tokenized.Ids, tokenized.TextStart, tokenized.TextEnd);

        var byRole = (await generator.EmbedAsync([Text], EmbeddingRole.Query))[0];
        var byInstruction = (await generator.EmbedAsync([Text], EmbeddingRole.Document, instruction: " query: "))[0];
        var byProperty = (await generator.GenerateAsync([Text], Properties(("role", "query"))))[0].Vector.ToArray();
        var byView = (await generator.AsQueryGenerator().GenerateAsync([Text]))[0].Vector.ToArray();
        var document = (await generator.EmbedAsync([Text]))[0];
        Assert.InRange(Fixtures.LargestDifference(wanted, byRole), 0, Tolerance);
        Assert.InRange(Fixtures.LargestDifference(wanted, byInstruction), 0, Tolerance);
        Assert.Equal(byRole, byProperty);
        Assert.Equal(byRole, byView);
        Assert.True(Fixtures.LargestDifference(wanted, document) > 0.01);

        using var whole = Load(scratch, o => o with { Normalize = false, SkipInstruction = false });
        var all = (await whole.EmbedAsync([Text], EmbeddingRole.Query))[0];
        Assert.InRange(Fixtures.LargestDifference(MeanOf(model, tokenized.Ids, 0, tokenized.Ids.Length), all), 0, Tolerance);
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync([Text], Properties(("role", "quarry"))));
    }

    [Fact]
    public async Task TextsOfChatModelsStandBetweenTheReferencesMarkers()
    {
        using var scratch = TextModel.Create(extra: folder =>
        {
            var path = Path.Combine(folder, "config.json");
            File.WriteAllText(
                path,
                File.ReadAllText(path)
                    .Replace(
                        "\"model_type\"",
                        "\"_name_or_path\": \"mistralai/Mistral-7B-Instruct-v0.2\", \"model_type\"",
                        StringComparison.Ordinal
                    )
            );
            new Llm2VecConfig { Pooling = PoolingMode.Mean }.Write(folder);
        });
        using var generator = Load(scratch, o => o with { Normalize = false });
        using var model = CheckpointLoader.Load(scratch.Path);
        var tokenized = TextTokenizer.Load(scratch.Path).Encode("[INST] find ", "a graph [/INST]", 64);
        var wanted = MeanOf(model, tokenized.Ids, tokenized.TextStart, tokenized.TextEnd);
        var actual = (await generator.EmbedAsync([" a graph "], instruction: "find"))[0];
        Assert.InRange(Fixtures.LargestDifference(wanted, actual), 0, Tolerance);

        using ScratchFolder output = new();
        var merged = Path.Combine(output.Path, "merged");
        ModelMerger.Merge(scratch.Path, [], merged);
        using var again = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = merged,
                Device = "cpu",
                Normalize = false,
            }
        );
        var standing = (await again.EmbedAsync(["a graph"], instruction: "find"))[0];
        Assert.InRange(Fixtures.LargestDifference(wanted, standing), 0, Tolerance);
    }

    [Fact]
    public async Task LongTextsAreCutAtTheMaximumAndLosingTheTailChangesNothingElse()
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch, o => o with { MaxLength = 16 });
        var text = string.Join(' ', Enumerable.Repeat("search engine", 60));
        var vectors = await generator.EmbedAsync([text, text + " and something else"]);
        Assert.Equal(vectors[0], vectors[1]);
        using var longer = Load(scratch, o => o with { MaxLength = 17 });
        Assert.NotEqual(vectors[0], (await longer.EmbedAsync([text]))[0]);
    }

    [Fact]
    public async Task DimensionsKeepTheFirstElementsAndNormaliseAgain()
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch, o => o with { Normalize = false });
        using var unit = Load(scratch, o => o with { Dimensions = 12 });
        Assert.Equal(12, unit.Dimension);
        var raw = (await generator.EmbedAsync(["graph"]))[0];
        var wanted = raw[..8];
        TensorPrimitives.Divide(wanted, TensorPrimitives.Norm(wanted), wanted);
        var result = await unit.GenerateAsync(["graph"], new EmbeddingGenerationOptions { Dimensions = 8 });
        Assert.InRange(Fixtures.LargestDifference(wanted, result[0].Vector.ToArray()), 0, Tolerance);
        Assert.True(result.Usage!.InputTokenCount > 1);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            unit.GenerateAsync(["graph"], new EmbeddingGenerationOptions { Dimensions = 33 })
        );
    }

    [Fact]
    public async Task ConcurrentCallersGetTheirOwnVectors()
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch, o => o with { BatchTokens = 128 });
        var texts = TextModel.Texts(60);
        var wanted = await generator.EmbedAsync(texts);
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(caller =>
                    Task.Run(async () =>
                    {
                        Random random = new(caller);
                        for (var i = 0; i < 40; i++)
                        {
                            int start = random.Next(texts.Length),
                                count = random.Next(1, texts.Length - start + 1);
                            var actual = await generator.EmbedAsync(texts[start..(start + count)]);
                            for (var j = 0; j < count; j++)
                                Assert.InRange(Fixtures.LargestDifference(wanted[start + j], actual[j]), 0, Tolerance);
                        }
                    })
                )
        );
    }

    [Fact]
    public async Task ProgressEndsAtTheCountAndCancellationStops()
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch, o => o with { BatchTokens = 32 });
        var texts = TextModel.Texts(300);
        Recorder recorder = new();
        await generator.EmbedAsync(texts, progress: recorder);
        Assert.Equal(texts.Length, recorder.Values[^1]);
        Assert.Equal(recorder.Values.Order(), recorder.Values);
        Assert.True(recorder.Values.Count > 10);

        using CancellationTokenSource source = new();
        Recorder cancelling = new(done =>
        {
            if (done >= 20)
                source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            generator.EmbedAsync(texts, progress: cancelling, cancellationToken: source.Token)
        );
        Assert.True(cancelling.Values[^1] < texts.Length);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.EmbedAsync(texts, cancellationToken: source.Token));
        Assert.Single(await generator.EmbedAsync(["still works"]));
    }

    [Fact]
    public async Task ServicesShareOneModelUnderBothRoles()
    {
        using var scratch = TextModel.Create(extra: folder => new Llm2VecConfig { QueryPrompt = "query: " }.Write(folder));
        ServiceCollection services = new();
        services.AddLlm2VecEmbeddingGenerator(new Llm2VecOptions { ModelPath = scratch.Path, Device = "cpu" });
        services.AddKeyedLlm2VecEmbeddingGenerator(
            "other",
            new Llm2VecOptions
            {
                ModelPath = scratch.Path,
                Device = "cpu",
                Dimensions = 8,
            }
        );
        await using var provider = services.BuildServiceProvider();
        var standard = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var document = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("document");
        var query = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("query");
        var other = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("other:query");
        var model = provider.GetRequiredService<Llm2VecEmbeddingGenerator>();
        Assert.Same(model, query.GetService(typeof(Llm2VecEmbeddingGenerator)));
        Assert.Equal(
            model.Dimension,
            ((EmbeddingGeneratorMetadata)document.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelDimensions
        );
        var a = (await standard.GenerateAsync(["text"]))[0].Vector.ToArray();
        Assert.Equal(a, (await document.GenerateAsync(["text"]))[0].Vector.ToArray());
        Assert.NotEqual(a, (await query.GenerateAsync(["text"]))[0].Vector.ToArray());
        Assert.Equal(8, (await other.GenerateAsync(["text"]))[0].Vector.Length);
    }

    [Fact]
    public void FingerprintTellsModelsApartAndNothingElse()
    {
        using ScratchFolder scratch = TextModel.Create(),
            twin = TextModel.Create(),
            different = TextModel.Create(seed: 6);
        string Print(ScratchFolder folder, Func<Llm2VecOptions, Llm2VecOptions> change)
        {
            using var generator = Load(folder, change);
            return generator.Fingerprint;
        }
        var wanted = Print(scratch, o => o);
        Assert.Equal(wanted, Print(twin, o => o));
        Assert.Equal(wanted, Print(scratch, o => o with { DataType = "int8", MaxLength = 77, QueryPrompt = "q" }));
        Assert.NotEqual(wanted, Print(different, o => o));
        Assert.NotEqual(wanted, Print(scratch, o => o with { Pooling = PoolingMode.Last }));
        Assert.NotEqual(wanted, Print(scratch, o => o with { Attention = AttentionMode.Causal }));
        Assert.NotEqual(wanted, Print(scratch, o => o with { Dimensions = 8 }));
        Assert.NotEqual(wanted, Print(scratch, o => o with { DocumentPrompt = "passage: " }));
    }

    [Fact]
    public async Task TokenIdsAreChecked()
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch, o => o);
        Assert.Contains(
            "empty",
            (
                await Assert.ThrowsAsync<ArgumentException>(() =>
                    generator.EmbedTokensAsync([
                        [],
                    ])
                )
            ).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "vocabulary",
            (
                await Assert.ThrowsAsync<ArgumentException>(() =>
                    generator.EmbedTokensAsync([
                        [1, 1_000_000],
                    ])
                )
            ).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "vocabulary",
            (
                await Assert.ThrowsAsync<ArgumentException>(() =>
                    generator.EmbedTokensAsync([
                        [-1],
                    ])
                )
            ).Message,
            StringComparison.Ordinal
        );
        Assert.Empty(await generator.EmbedAsync([]));
    }

    internal static Llm2VecEmbeddingGenerator Load(ScratchFolder scratch, Func<Llm2VecOptions, Llm2VecOptions> change) =>
        Llm2VecEmbeddingGenerator.Load(change(new Llm2VecOptions { ModelPath = scratch.Path, Device = "cpu" }));

    internal static float[] MeanOf(DecoderModel model, int[] ids, int start, int end)
    {
        using var guard = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var hidden = model.forward(torch.tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0));
        return hidden[0].narrow(0, start, end - start).mean([0]).data<float>().ToArray();
    }

    private static EmbeddingGenerationOptions Properties(params (string Name, object Value)[] properties)
    {
        EmbeddingGenerationOptions options = new() { AdditionalProperties = [] };
        foreach ((var name, var value) in properties)
            options.AdditionalProperties[name] = value;
        return options;
    }

    private sealed class Recorder(Action<int>? then = null) : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value)
        {
            lock (Values)
                Values.Add(value);
            then?.Invoke(value);
        }
    }
}
