using SearchEngine.Embeddings.Reranking;
using Xunit;
using static SearchEngine.Embeddings.Tests.Model.BertTests;
using static SearchEngine.Embeddings.Tests.Model.EncoderFixture;

namespace SearchEngine.Embeddings.Tests.Model;

/// <summary>Sequence classifiers as rerankers against plain loops in double precision, pair by pair.</summary>
public class CrossEncoderTests
{
    private static readonly string[] Words =
    [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        .. Enumerable.Range(0, Vocabulary - 5).Select(i => $"w{(char)('a' + i % 26)}{(char)('a' + i / 26)}"),
    ];

    private static readonly string[] Passages = ["wba wca", "wda", "", "waa wba wca wda wea wfa wga", "wzb unknown wab"];

    [Theory]
    [InlineData("bert", "bert.", 1)]
    [InlineData("bert", "bert.", 2)]
    [InlineData("roberta", "roberta.", 1)]
    [InlineData("xlm-roberta", "roberta.", 2)]
    public async Task ScoresEqualPlainLoops(string type, string prefix, int labels)
    {
        using ScratchFolder scratch = new();
        var weights = CreateClassifier(scratch.Path, type, prefix, labels);
        using var model = RerankingModel.Load(new RerankingModelOptions { ModelPath = scratch.Path, Device = "cpu" });
        Assert.True(RerankingModel.IsReranker(scratch.Path));
        var scores = await model.ScoreAsync("waa wbb", Passages, TestContext.Current.CancellationToken);
        for (var i = 0; i < Passages.Length; i++)
        {
            (var ids, var border) = Pair(type, "waa wbb", Passages[i]);
            var state = Reference(weights, prefix, type, "gelu", ids, type == "bert" ? border : int.MaxValue)[0];
            var wanted = Head(weights, type, state);
            Assert.InRange(scores[i], wanted - 1e-4, wanted + 1e-4);
            var alone = await model.ScoreAsync("waa wbb", [Passages[i]], TestContext.Current.CancellationToken);
            Assert.Equal(alone[0], scores[i]); // the very same bits, whatever it is batched with
        }
        Assert.Equal(Passages.Length, scores.Distinct().Count());
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("int8")]
    public async Task Scores_are_the_same_bits_from_packed_weights_that_were_kept(string dataType)
    {
        using ScratchFolder scratch = new();
        using ScratchFolder cache = new();
        CreateClassifier(scratch.Path, "bert", "bert.", 1);
        var without = await Scores(WeightCacheOptions.Off);
        WeightCacheOptions options = new() { Folder = cache.Path, SmallestModelBytes = 1 };
        Assert.Equal(without, await Scores(options));
        Assert.Single(WeightCache.List(options));
        Assert.Equal(without, await Scores(options));

        async Task<IReadOnlyList<double>> Scores(WeightCacheOptions kept)
        {
            using var model = RerankingModel.Load(
                new RerankingModelOptions
                {
                    ModelPath = scratch.Path,
                    Device = "cpu",
                    DataType = dataType,
                    WeightCache = kept,
                }
            );
            return await model.ScoreAsync("waa wbb", Passages, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task LongPairsLoseTheEndOfTheLongerText()
    {
        using ScratchFolder scratch = new();
        CreateClassifier(scratch.Path, "bert", "bert.", 1);
        using var model = RerankingModel.Load(
            new RerankingModelOptions
            {
                ModelPath = scratch.Path,
                Device = "cpu",
                MaxLength = 9,
            }
        );
        // [CLS] 2 [SEP] 4 [SEP]
        var cut = await model.ScoreAsync(
            "waa wbb",
            ["waa wba wca wda wea wfa wga", "waa wba wca wda"],
            TestContext.Current.CancellationToken
        );
        Assert.Equal(cut[1], cut[0]);
    }

    [Theory]
    [InlineData(2, 3, 10, 2, 3)]
    [InlineData(2, 30, 10, 2, 8)]
    [InlineData(30, 2, 10, 8, 2)]
    [InlineData(30, 40, 11, 5, 6)]
    [InlineData(40, 30, 11, 6, 5)]
    [InlineData(0, 30, 10, 0, 10)]
    public void TheLongerTextIsCutFirst(int first, int second, int room, int keptFirst, int keptSecond) =>
        Assert.Equal((keptFirst, keptSecond), ClassifierPairs.LongestFirst(first, second, room));

    [Fact]
    public void AnEncoderWithoutHeadAndAHeadOfManyLabelsAreRefusedByName()
    {
        using ScratchFolder plain = new();
        CreateClassifier(plain.Path, "bert", "bert.", 1, withHead: false);
        var missing = Assert.Throws<ModelFormatException>(() => RerankingModel.Load(plain.Path));
        Assert.Contains("'classifier.bias'", missing.Message, StringComparison.Ordinal);
        using ScratchFolder many = new();
        CreateClassifier(many.Path, "bert", "bert.", 3);
        Assert.Contains(
            "3 labels",
            Assert.Throws<ModelFormatException>(() => RerankingModel.Load(many.Path)).Message,
            StringComparison.Ordinal
        );
    }

    private static Dictionary<string, double[]> CreateClassifier(
        string folder,
        string type,
        string prefix,
        int labels,
        bool withHead = true
    )
    {
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', Words) + "\n");
        (string, long[])[] head =
            type == "bert"
                ?
                [
                    (prefix + "pooler.dense.weight", [Hidden, Hidden]),
                    (prefix + "pooler.dense.bias", [Hidden]),
                    ("classifier.weight", [labels, Hidden]),
                    ("classifier.bias", [labels]),
                ]
                :
                [
                    ("classifier.dense.weight", [Hidden, Hidden]),
                    ("classifier.dense.bias", [Hidden]),
                    ("classifier.out_proj.weight", [labels, Hidden]),
                    ("classifier.out_proj.bias", [labels]),
                ];
        return Create(
            folder,
            type,
            prefix,
            "gelu",
            "\"pad_token_id\": 1, \"architectures\": [\"AnyForSequenceClassification\"], \"id2label\": {\"0\": \"LABEL_0\"}",
            withHead ? head : []
        );
    }

    private static (int[] Ids, int Border) Pair(string type, string query, string passage)
    {
        int[] Ids(string text) =>
            [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => Math.Max(1, Array.IndexOf(Words, word)))];
        int[] between = type == "bert" ? [3] : [3, 3];
        var first = Ids(query);
        return ([2, .. first, .. between, .. Ids(passage), 3], first.Length + 2);
    }

    private static double Head(Dictionary<string, double[]> w, string type, double[] state)
    {
        (var dense, var output) = type == "bert" ? ("bert.pooler.dense", "classifier") : ("classifier.dense", "classifier.out_proj");
        var logits = Linear(w, output, [.. Linear(w, dense, state).Select(Math.Tanh)]);
        return logits.Length == 1 ? logits[0] : logits[1] - logits[0];
    }
}
