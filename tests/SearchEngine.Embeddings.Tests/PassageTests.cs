using System.Numerics.Tensors;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

public class PassageTests
{
    private static readonly string[] Text = ["the quick index", " finds the vectors", " of every document", " that was written before"];

    [Theory]
    [InlineData("float32")]
    [InlineData("int8")]
    public async Task A_text_of_one_passage_has_the_vector_of_the_text(string type)
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch.Path, type);
        foreach (var text in Text)
        {
            var alone = (await generator.EmbedAsync([text]))[0];
            var passage = Assert.Single(await generator.EmbedPassagesAsync([text]));
            Assert.InRange(Fixtures.LargestDifference(alone, passage), 0, 1e-5);
        }
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("int8")]
    public async Task A_vector_is_the_mean_of_the_passages_own_states_in_the_whole_text(string type)
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch.Path, type, normalize: false);
        var tokenizer = TextTokenizer.Load(scratch.Path);
        int[][] tokens = [.. Text.Select(text => tokenizer.EncodeOrdinary(text).ToArray())];
        int[] ids = [.. tokenizer.Template.Before, .. tokens.SelectMany(t => t), .. tokenizer.Template.After];
        (var states, var width) = await generator.StatesOfAsync([new EncoderInput(ids, 0, ids.Length) { KeepsStates = true }], default);

        var vectors = await generator.EmbedPassagesAsync(Text);

        var at = tokenizer.Template.Before.Length;
        for (var i = 0; i < Text.Length; i++)
        {
            var mean = new float[width];
            for (var t = at; t < at + tokens[i].Length; t++)
                TensorPrimitives.MultiplyAdd(states[0].AsSpan(t * width, width), 1f / tokens[i].Length, mean, mean);
            at += tokens[i].Length;
            Assert.InRange(Fixtures.LargestDifference(mean, vectors[i]), 0, 1e-5);
        }
        Assert.True(Fixtures.LargestDifference((await generator.EmbedAsync([Text[1]]))[0], vectors[1]) > 1e-3);
    }

    [Fact]
    public async Task What_is_in_front_is_read_and_not_pooled_and_vectors_are_shortened_and_normalized()
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch.Path, "float32");
        var plain = await generator.EmbedPassagesAsync(Text);
        var titled = await generator.EmbedPassagesAsync(Text, "a title of it ");
        var shorter = await generator.EmbedPassagesAsync(Text, dimensions: 8);

        for (var i = 0; i < Text.Length; i++)
        {
            Assert.Equal(1, TensorPrimitives.Norm(titled[i]), 1e-5);
            Assert.True(Fixtures.LargestDifference(plain[i], titled[i]) > 1e-3);
            var cut = plain[i][..8];
            TensorPrimitives.Divide(cut, TensorPrimitives.Norm(cut), cut);
            Assert.InRange(Fixtures.LargestDifference(cut, shorter[i]), 0, 1e-5);
        }
        Assert.Empty(await generator.EmbedPassagesAsync([]));
        Assert.Single(await generator.EmbedPassagesAsync([""]));
    }

    [Fact]
    public async Task A_model_that_pools_otherwise_refuses_and_says_how()
    {
        using var scratch = TextModel.Create();
        using var generator = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = scratch.Path,
                Device = "cpu",
                Pooling = PoolingMode.Last,
            }
        );

        var e = await Assert.ThrowsAsync<NotSupportedException>(() => generator.EmbedPassagesAsync(Text));

        Assert.Contains("Last", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_without_room_for_text_is_refused()
    {
        using var scratch = TextModel.Create();
        using var generator = Load(scratch.Path, "float32");
        var context = string.Concat(Enumerable.Repeat("word ", generator.MaxLength));

        await Assert.ThrowsAsync<ArgumentException>(() => generator.EmbedPassagesAsync(Text, context));
    }

    [Fact]
    public void Windows_hold_every_passage_once_whole_and_end_within_their_length()
    {
        var random = new Random(5);
        for (var round = 0; round < 500; round++)
        {
            var next = 100;
            int[][] passages =
            [
                .. Enumerable
                    .Range(0, random.Next(1, 12))
                    .Select(_ => Enumerable.Range(0, random.Next(1, 40)).Select(_ => next++).ToArray()),
            ];
            int[] before = [.. Enumerable.Range(1, random.Next(3))];
            int[] after = [.. Enumerable.Range(50, random.Next(3))];
            var most = random.Next(before.Length + after.Length + 1, 90);
            var room = most - before.Length - after.Length;
            var told = 0;
            foreach (var window in PassageWindows.Of(passages, before, after, most))
            {
                Assert.InRange(window.Ids.Length, 1, most);
                Assert.Equal(before, window.Ids[..before.Length]);
                Assert.Equal(after, window.Ids[^after.Length..]);
                Assert.Equal(told, window.First);
                foreach ((var start, var end) in window.Spans)
                    Assert.Equal(passages[told++].Take(room), window.Ids[start..end]);
                // What stands in front of the first passage is what the text has there.
                var context = window.Ids[before.Length..window.Spans[0].Start];
                var flat = passages.Take(window.First).SelectMany(p => p).ToArray();
                Assert.Equal(flat[^context.Length..], context);
                Assert.True(
                    window.First == 0
                        || window.Ids.Length == most
                        || context.Length > 0
                        || room < 4
                        || passages[window.First].Length >= room
                );
            }
            Assert.Equal(passages.Length, told);
        }
    }

    private static Llm2VecEmbeddingGenerator Load(string path, string type, bool normalize = true) =>
        Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = path,
                Device = "cpu",
                DataType = type,
                Normalize = normalize,
            }
        );
}
