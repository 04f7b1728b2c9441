using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Tests;

[Collection(Serial.Name)]
public sealed class ObjectiveTests
{
    public ObjectiveTests() => TorchRuntime.EnsureLoaded();

    private const int Vocabulary = 50;

    private static DecoderModel Model()
    {
        torch.manual_seed(11);
        var model = new DecoderModel(
            new DecoderConfig
            {
                VocabularySize = Vocabulary,
                HiddenSize = 16,
                IntermediateSize = 24,
                Layers = 2,
                Heads = 2,
                KeyValueHeads = 1,
                TieWordEmbeddings = true,
                InitializerRange = 0.3,
            }
        );
        model.InitializeWeights();
        return model;
    }

    [Fact]
    public void InfoNce_equals_a_computation_by_hand()
    {
        using var scope = NewDisposeScope();
        var queries = tensor(
            new float[,]
            {
                { 2, 0 },
                { 0, 3 },
            }
        );
        var candidates = tensor(
            new float[,]
            {
                { 1, 1 },
                { 0, 5 },
                { -4, 0 },
            }
        );
        var (loss, accuracy) = new ContrastiveLoss(10, []).Compute(queries, candidates);
        var root = Math.Sqrt(0.5);
        double Entropy(double[] cosines, int right) => Math.Log(cosines.Sum(c => Math.Exp(10 * c))) - 10 * cosines[right];
        var expected = (Entropy([root, 0, -1], 0) + Entropy([root, 1, 0], 1)) / 2;
        Assert.Equal(expected, loss.ToDouble(), 1e-5);
        Assert.Equal(1.0, accuracy);
    }

    [Fact]
    public void Matryoshka_averages_the_losses_of_the_prefixes()
    {
        using var scope = NewDisposeScope();
        torch.manual_seed(2);
        var queries = randn(6, 8);
        var candidates = randn(9, 8);
        var whole = new ContrastiveLoss(5, [8]).Compute(queries, candidates).Loss.ToDouble();
        var prefix = new ContrastiveLoss(5, []).Compute(queries.narrow(1, 0, 3), candidates.narrow(1, 0, 3)).Loss.ToDouble();
        Assert.Equal((whole + prefix) / 2, new ContrastiveLoss(5, [3, 8]).Compute(queries, candidates).Loss.ToDouble(), 1e-5);
        Assert.Throws<TrainingException>(() => new ContrastiveLoss(5, [9]).Compute(queries, candidates));
    }

    [Fact]
    public void Pairs_of_one_query_or_one_positive_are_no_negatives_of_each_other()
    {
        using var scope = NewDisposeScope();
        TokenPair[] pairs =
        [
            new([5], [1, 2], []),
            new([5], [3], []),
            new([6], [1, 2], []),
            new(
                [7],
                [4],
                [
                    [1, 2],
                ]
            ),
        ];
        var batch = ContrastiveBatch.From(new PairBatch("test", pairs), 1);
        var mask = batch.Exclusions()!.data<bool>().ToArray();
        Assert.Equal(5 * 4, mask.Length);
        var excluded = Enumerable.Range(0, mask.Length).Where(i => mask[i]).Select(i => (i / 5, i % 5)).ToArray();
        Assert.Equal([(0, 1), (0, 2), (0, 4), (1, 0), (2, 0), (2, 4)], excluded);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void Cached_gradients_equal_those_of_the_full_batch(int microBatch)
    {
        var texts = TestData.Texts(12, Vocabulary);
        var loss = new ContrastiveLoss(20, [8, 16]);
        Dictionary<string, float[]> ByName(int part, out double value)
        {
            using var scope = NewDisposeScope();
            using var model = Model();
            var encoder = new MeanPoolingEncoder(model);
            (value, _) = GradientCache.Accumulate(
                texts,
                part,
                1,
                encoder.Embed,
                model.Backward,
                all => loss.Compute(all.narrow(0, 0, 6), all.narrow(0, 6, 6)),
                0.5
            );
            return model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.data<float>().ToArray());
        }

        var full = ByName(0, out var fullLoss);
        var cached = ByName(microBatch, out var cachedLoss);
        Assert.Equal(fullLoss, cachedLoss, 1e-5);
        foreach (var (name, expected) in full)
            Gradients.AssertClose(expected, cached[name], 1e-4);
    }

    /// <summary>As on a GPU: texts of many lengths on one grid. The same vectors, and the same gradient of every weight.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Texts_on_one_grid_give_the_gradient_of_texts_packed_by_length(bool checkpointed)
    {
        var texts = TestData.Texts(12, Vocabulary);
        var loss = new ContrastiveLoss(20, [8, 16]);
        (float[] Vectors, Dictionary<string, float[]> Gradients, int Blocks) Run(bool padded)
        {
            using var scope = NewDisposeScope();
            using var model = Model();
            model.GradientCheckpointing = checkpointed;
            model.PadsAttention = padded;
            var blocks = model.Blocks(SequenceLayout.Packed([.. texts.Select(t => t.Length).Order()])).Count;
            var vectors = new MeanPoolingEncoder(model).Embed(texts);
            model.Backward(loss.Compute(vectors.narrow(0, 0, 6), vectors.narrow(0, 6, 6)).Loss);
            return (
                vectors.data<float>().ToArray(),
                model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.data<float>().ToArray()),
                blocks
            );
        }

        var packed = Run(padded: false);
        var grid = Run(padded: true);
        Assert.True(grid.Blocks < packed.Blocks, $"{grid.Blocks} blocks in the place of {packed.Blocks}");
        Gradients.AssertClose(packed.Vectors, grid.Vectors, 1e-4);
        foreach (var (name, expected) in packed.Gradients)
            Gradients.AssertClose(expected, grid.Gradients[name], 1e-4);
    }

    [Fact]
    public void A_text_embeds_alike_alone_and_among_others()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var encoder = new MeanPoolingEncoder(model);
        var texts = TestData.Texts(9, Vocabulary);
        var together = encoder.Embed(texts);
        for (var i = 0; i < texts.Length; i++)
        {
            var alone = encoder.Embed([texts[i]]).squeeze(0).data<float>().ToArray();
            Assert.All(alone.Zip(together[i].data<float>().ToArray()), p => Assert.Equal(p.First, p.Second, 1e-4));
        }
    }

    [Fact]
    public void The_embedding_stage_takes_the_gradient_of_the_whole_model()
    {
        using var scope = NewDisposeScope();
        using var data = new TestData();
        using var model = Model();
        using (no_grad())
        {
            foreach (
                var projection in model
                    .DecoderLayers.SelectMany(l => l.Projections())
                    .Where(p => p.Projection.Parts[0].Name is "o_proj" or "down_proj")
            )
            {
                projection.Projection.Weight.zero_();
            }
        }

        var corpus = TokenizedCorpus.Build(
            data.Articles(20),
            data.Root,
            text => [.. text.Where(char.IsAsciiLetter).Select(c => c % 47 + 3)],
            40
        );
        PairSampler Sampler() => new(PairSampler.Mine([corpus]), 8, 40, 1);
        var loss = new ContrastiveLoss(10, [16]);
        var whole = new ContrastiveObjective(new MeanPoolingEncoder(model), Sampler(), loss, 0, 0).Accumulate(4, 1, 1);
        var expected = model.Embedding.grad!.data<float>().ToArray();
        model.Embedding.grad!.zero_();
        var stage = new EmbeddingStageObjective(
            new BagEncoder(model.Embedding, model.FinalNorm.Weight, model.Config.NormEpsilon),
            Sampler(),
            loss,
            0
        ).Accumulate(4, 1, 1);
        var actual = model.Embedding.grad!.data<float>().ToArray();
        Assert.Equal(whole.Loss, stage.Loss, 1e-4);
        Gradients.AssertClose(expected, actual, 1e-3);
    }

    [Fact]
    public void Masking_keeps_its_shares_and_spares_special_tokens()
    {
        const int Count = 200_000,
            Length = 100,
            Mask = 7,
            Pieces = 1000;
        var special = new HashSet<int> { 0, 1, 2 };
        var masker = new TokenMasker(Mask, special, Pieces, 0.2, 0.8, 0.1);
        var source = new Random(4);
        var original = Enumerable.Range(0, Count).Select(_ => (long)source.Next(0, Pieces)).ToArray();
        var ids = (long[])original.Clone();
        var random = DeterministicRandom.For(1, 6, 0);
        var (positions, labels) = masker.Mask(ids, Length, ref random);

        var open = original.Select((id, i) => (id, i)).Count(x => x.id > 2 && x.i % Length != 0);
        Assert.InRange(positions.Count / (double)open, 0.19, 0.21);
        Assert.All(
            positions.Zip(labels),
            p =>
            {
                Assert.Equal(original[p.First], p.Second);
                Assert.True(p.Second > 2);
                Assert.NotEqual(0, p.First % Length);
            }
        );
        var masked = positions.Count(p => ids[p] == Mask);
        var kept = positions.Count(p => ids[p] == original[p]);
        Assert.InRange(masked / (double)positions.Count, 0.78, 0.82);
        Assert.InRange(kept / (double)positions.Count, 0.09, 0.115);
        Assert.All(positions, p => Assert.True(ids[p] > 2));
        var chosen = positions.ToHashSet();
        Assert.All(Enumerable.Range(0, Count).Where(i => !chosen.Contains(i)), i => Assert.Equal(original[i], ids[i]));
    }
}
