using System.Text;
using System.Text.Json;

namespace SearchEngine.Training.Tests;

/// <summary>A folder of small training data and configurations, deleted at the end.</summary>
internal sealed class TestData : IDisposable
{
    private static readonly string[] Subjects =
    [
        "the cat",
        "a river",
        "the old king",
        "some water",
        "the heart",
        "a small bird",
        "the city",
        "his brother",
    ];
    private static readonly string[] Verbs = ["crosses", "sees", "carries", "follows", "builds", "leaves", "feeds", "covers"];
    private static readonly string[] Objects =
    [
        "the bridge",
        "a green field",
        "the mountain",
        "cold blood",
        "a house of stone",
        "the night",
        "an island",
        "its tail",
    ];

    public TestData() => Root = Directory.CreateTempSubdirectory("training-tests-").FullName;

    public string Root { get; }

    public static string TokenizerFolder => Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizer");

    /// <summary>The absolute path of a file or folder of this data.</summary>
    public string PathTo(string name) => Path.Combine(Root, name);

    /// <summary>Texts of one to eight random tokens from 3 up.</summary>
    public static int[][] Texts(int count, int vocabulary)
    {
        var random = new Random(3);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(3, vocabulary)).ToArray()),
        ];
    }

    /// <summary>Articles of simple sentences; each article keeps to its own subject, so that pairs can be learnt.</summary>
    public DataSource Articles(int count = 60)
    {
        var random = new Random(5);
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var subject = Subjects[i % Subjects.Length];
            var sentences = Enumerable
                .Range(0, 12)
                .Select(_ => $"{char.ToUpperInvariant(subject[0])}{subject[1..]} {Verbs[random.Next(8)]} {Objects[random.Next(8)]}.");
            text.AppendLine(JsonSerializer.Serialize(new { title = $"On {subject} {i}", text = string.Join(' ', sentences) }));
        }

        File.WriteAllText(PathTo("articles.jsonl"), text.ToString());
        return new DataSource { Path = "articles.jsonl", Kind = DataSourceKind.Articles };
    }

    /// <summary>The shape of a new model over the fixture's tokenizer.</summary>
    public NewModelConfig TinyModel(int hidden = 32, bool wordVectors = false) =>
        new()
        {
            Tokenizer = TokenizerFolder,
            HiddenSize = hidden,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 1,
            IntermediateSize = 48,
            WordVectors = wordVectors,
        };

    /// <summary>Masked prediction with all weights of a tiny new model.</summary>
    public MntpConfig Mntp(string output, long steps) =>
        new()
        {
            NewModel = TinyModel(),
            Lora = null,
            Output = output,
            Data = [Articles()],
            BaseDirectory = Root,
            Steps = steps,
            BatchSize = 8,
            MaximumLength = 32,
            LearningRate = 3e-3,
            MaskToken = "a",
            CheckpointEvery = 0,
            LogEvery = 1,
            Device = "cpu",
        };

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
