using System.Text.Json;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>The train verbs on toy data with a tiny model, as a user runs them.</summary>
public sealed class TrainingTests : IDisposable
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

    /// <summary>Torch on one thread: sums in one order, and tests beside each other do not crowd the machine.</summary>
    private static readonly Dictionary<string, string> OneThread = new() { ["OMP_NUM_THREADS"] = "1", ["MKL_NUM_THREADS"] = "1" };

    private readonly TemporaryFolder _folder = new();

    public TrainingTests()
    {
        var random = new Random(5);
        string Sentence(string subject) =>
            $"{char.ToUpperInvariant(subject[0])}{subject[1..]} {Verbs[random.Next(8)]} {Objects[random.Next(8)]}.";
        _folder.Write(
            "articles.jsonl",
            Lines(i => new
            {
                title = $"On {Subjects[i % 8]} {i}",
                text = string.Join(' ', Enumerable.Range(0, 8).Select(_ => Sentence(Subjects[i % 8]))),
            })
        );
        _folder.Write(
            "questions.jsonl",
            Lines(i => new
            {
                question = $"What {Verbs[i % 8]} {Objects[i / 8]}?",
                answer = Sentence(Subjects[i % 8]) + " " + Sentence(Subjects[i % 8]),
            })
        );

        static string Lines(Func<int, object> record) =>
            string.Concat(Enumerable.Range(0, 64).Select(i => JsonSerializer.Serialize(record(i)) + "\n"));
    }

    private static string Tokenizer =>
        JsonSerializer.Serialize(Path.Combine(Repository.Root, "tests", "SearchEngine.Training.Tests", "Fixtures", "tokenizer"));

    private static string NewModel(int hidden = 32) =>
        $$"""{ "tokenizer": {{Tokenizer}}, "hiddenSize": {{hidden}}, "layers": 2, "heads": 2, "keyValueHeads": 1, "intermediateSize": 48 }""";

    private const string Articles = """[{ "path": "articles.jsonl", "kind": "Articles" }]""";

    public void Dispose() => _folder.Dispose();

    private Task<CliResult> RunAsync(params string[] arguments) => CliProcess.RunWithAsync(_folder.Path, null, OneThread, arguments);

    /// <summary>Settings that all steps share, and the step's own.</summary>
    private void Config(string name, string output, string start, string settings, string data = Articles) =>
        _folder.Write(
            name,
            $$"""{ {{start}}, "output": "{{output}}", "data": {{data}}, "seed": 3, "logEvery": 1, "device": "cpu", {{settings}} }"""
        );

    private void Mntp(string name, string output, string settings = "", int hidden = 32, string data = Articles) =>
        Config(
            name,
            output,
            $"\"newModel\": {NewModel(hidden)}",
            """ "batchSize": 8, "maximumLength": 32, "learningRate": 0.003, "maskToken": "a", "steps": 60, "checkpointEvery": 4, "lora": false"""
                + settings,
            data
        );

    private double[] Losses(string output) =>
        [
            .. File.ReadLines(_folder.Combine(output, "training-log.jsonl"))
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble()),
        ];

    [Fact]
    public async Task All_steps_lead_from_text_to_an_embedder()
    {
        Config(
            "pretrain.json",
            "base",
            $"\"newModel\": {NewModel()}",
            """ "steps": 12, "batchSize": 8, "maximumLength": 32, "learningRate": 0.003, "warmupSteps": 2"""
        );
        Config(
            "mntp.json",
            "mntp",
            "\"model\": \"base\"",
            """ "steps": 12, "batchSize": 8, "maximumLength": 32, "learningRate": 0.002, "maskToken": "a", "gradientCheckpointing": true, "lora": false"""
        );
        Config(
            "simcse.json",
            "simcse",
            "\"model\": \"mntp\"",
            """ "steps": 4, "batchSize": 16, "maximumLength": 24, "lora": { "rank": 4 }"""
        );
        _folder.Write(
            "mine.json",
            """{ "output": "hard.jsonl", "negatives": 2, "data": [{ "path": "questions.jsonl", "kind": "QuestionAnswer" }] }"""
        );
        Config(
            "contrastive.json",
            "model",
            "\"model\": \"simcse\"",
            """ "steps": 6, "batchSize": 8, "microBatchSize": 6, "maximumLength": 24, "warmupSteps": 1, "hardNegatives": 2, "matryoshka": [32, 16]""",
            """[{ "path": "hard.jsonl", "kind": "Pairs" }]"""
        );

        var pretrained = (await RunAsync("train", "pretrain", "--config", "pretrain.json", "--json")).Expect(0);
        Assert.Equal(12, pretrained.Json.GetProperty("step").GetInt32());
        Assert.Contains("seed 3", pretrained.Error, StringComparison.Ordinal);
        Assert.Contains("tokens/s", pretrained.Error, StringComparison.Ordinal);
        (await RunAsync("train", "mntp", "--config", "mntp.json")).Expect(0);
        (await RunAsync("train", "simcse", "--config", "simcse.json")).Expect(0);
        var mined = (await RunAsync("train", "mine", "--config", "mine.json", "--model", "simcse", "--json")).Expect(0).Json;
        Assert.Equal(64, mined.GetProperty("queries").GetInt32());
        Assert.Equal(64, File.ReadLines(_folder.Combine("hard.jsonl")).Count());
        (await RunAsync("train", "contrastive", "--config", "contrastive.json")).Expect(0);
        foreach (var folder in new[] { "base", "mntp", "simcse", "model" })
            Assert.All(Losses(folder), loss => Assert.True(double.IsFinite(loss)));
        Assert.Equal(6, Losses("model").Length);

        (await RunAsync("train", "plot", "base", "mntp", "simcse", "model", "--output", "curves.svg")).Expect(0);
        Assert.Contains("<svg", File.ReadAllText(_folder.Combine("curves.svg")), StringComparison.Ordinal);
        _folder.Write(
            "pairs.tsv",
            "score\tsentence1\tsentence2\n5\tThe cat sees the night.\tThe cat follows the night.\n0\tThe cat sees the night.\tSome water covers an island.\n2\tA river.\tThe city.\n"
        );
        Assert.InRange(
            (await RunAsync("eval", "sts", "pairs.tsv", "--model", "model", "--json")).Expect(0).Json.GetProperty("spearman").GetDouble(),
            -1,
            1
        );
        _folder.Write(
            "words.conllu",
            "1\tThe\tthe\tDET\t_\t_\n2\tcat\tcat\tNOUN\t_\t_\n3\tsees\tsee\tVERB\t_\t_\n\n1\tA\ta\tDET\t_\t_\n2\triver\triver\tNOUN\t_\t_\n\n"
        );
        var words = (
            await RunAsync(
                "eval",
                "word",
                "words.conllu",
                "words.conllu",
                "--model",
                "base",
                "--attention",
                "causal",
                "--previous-position",
                "--json"
            )
        )
            .Expect(0)
            .Json;
        Assert.InRange(words.GetProperty("accuracy").GetDouble(), 0, 1);
    }

    [Fact]
    public async Task A_killed_mntp_run_resumes_to_the_same_curve_and_weights()
    {
        Mntp("whole.json", "whole");
        Mntp("killed.json", "killed");
        (await RunAsync("train", "mntp", "--config", "whole.json")).Expect(0);

        // Where the machine let it come to its end before it was killed, once more.
        for (var ended = true; ended; )
        {
            using var process = CliProcess.Start(_folder.Path, OneThread, "train", "mntp", "--config", "killed.json", "--overwrite");
            while (
                await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
                && !line.StartsWith("step 14/", StringComparison.Ordinal)
            ) { }

            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            ended = File.ReadLines(_folder.Combine("killed", "training-log.jsonl")).Count() == 60;
            Assert.True(ended || process.ExitCode != 0);
        }

        // Killed between checkpoints: what the log says beyond the last one is computed again.
        Assert.InRange(File.ReadLines(_folder.Combine("killed", "training-log.jsonl")).Count(), 14, 59);
        (await RunAsync("train", "mntp", "--config", "killed.json", "--resume")).Expect(0);
        Assert.Equal(Losses("whole"), Losses("killed"));
        Assert.Equal(
            File.ReadAllBytes(_folder.Combine("whole", "model.safetensors")),
            File.ReadAllBytes(_folder.Combine("killed", "model.safetensors"))
        );

        // Another shape, another seed: refused by name, and the run's files stay.
        Mntp("killed.json", "killed", hidden: 16);
        Fails(await RunAsync("train", "mntp", "--config", "killed.json", "--resume"), "shape", "--overwrite");
        Assert.Equal(60, Losses("killed").Length);
    }

    [Fact]
    public async Task What_cannot_be_trained_on_is_said_in_one_line()
    {
        Mntp("run.json", "out", """, "clipNorm": 0""");
        File.WriteAllText(
            _folder.Combine("run.json"),
            File.ReadAllText(_folder.Combine("run.json")).Replace("0.003", "1e30", StringComparison.Ordinal)
        );
        Fails(await RunAsync("train", "mntp", "--config", "run.json"), "exploded", "learningRate");

        _folder.Write("empty.jsonl", "");
        Mntp("run.json", "out", data: """[{ "path": "empty.jsonl", "kind": "Texts" }]""");
        Fails(await RunAsync("train", "mntp", "--config", "run.json"), "empty.jsonl", "empty");

        Mntp("run.json", "out", data: """[{ "path": "articles.jsonl", "kind": "Articles", "textField": "body" }]""");
        Fails(await RunAsync("train", "mntp", "--config", "run.json"), "body", "articles.jsonl, line 1");

        (await RunAsync("train", "plot", "nowhere", "--output", "curves.svg")).ExpectOneLineError("nowhere");
        Mntp("run.json", "out", """, "learningrat": 1""");
        (await RunAsync("train", "mntp", "--config", "run.json")).ExpectOneLineError("learningrat");
    }

    /// <summary>After lines of progress: exit code 2, nothing on stdout, and the last line on stderr is the error.</summary>
    private static void Fails(CliResult result, params string[] parts)
    {
        result.Expect(2);
        Assert.Equal(string.Empty, result.Out);
        var line = Assert.Single(result.ErrorLines, l => l.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Equal(result.ErrorLines[^1], line);
        foreach (var part in parts)
            Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
    }
}
