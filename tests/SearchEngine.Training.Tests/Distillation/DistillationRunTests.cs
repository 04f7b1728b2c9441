using System.Text.Json;
using SearchEngine.Embeddings;
using SearchEngine.Training.Distillation;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Tests.Distillation;

[Collection(Serial.Name)]
public sealed class DistillationRunTests : IDisposable
{
    private readonly TestData _data = new();

    public DistillationRunTests()
    {
        TrainingRuns.Mntp(_data.Mntp("first", 1));
        TrainingRuns.Mntp(_data.Mntp("second", 1) with { Seed = 2, NewModel = _data.TinyModel(hidden: 48) });
    }

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(ContrastiveStage.Embeddings, 0)]
    [InlineData(ContrastiveStage.Model, 0)]
    [InlineData(ContrastiveStage.Model, 5)]
    public void A_student_of_two_teachers_learns_and_its_folder_loads(ContrastiveStage stage, int microBatch)
    {
        TrainingRuns.Distill(Config("out", 40) with { Stage = stage, MicroBatchSize = microBatch });
        var log = Log("out");
        Assert.True(
            log.TakeLast(4).Average(l => l.Loss) < 0.9 * log.Take(4).Average(l => l.Loss),
            $"loss went from {log[0].Loss:F3} to {log[^1].Loss:F3}"
        );
        using var generator = Llm2VecEmbeddingGenerator.Load(_data.PathTo("out"));
        Assert.Equal([32, 8], generator.TrainedDimensions);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, true)]
    public void A_run_that_was_killed_resumes_to_the_same_curve_and_weights(int groupSize, bool pairs)
    {
        DistillConfig Asked(string output) => Config(output, 9) with { GroupSize = groupSize, Pairs = pairs ? Pairs() : null };
        TrainingRuns.Distill(Asked("whole"));
        var parts = Asked("parts") with { CheckpointEvery = 4 };
        TrainingRuns.Distill(parts);
        Directory.Delete(_data.PathTo("parts/checkpoints/step-00000009"), recursive: true);
        TrainingRuns.Distill(parts, resume: true);
        Assert.Equal(Log("whole").Select(l => l.Loss), Log("parts").Select(l => l.Loss));
        Assert.Equal(
            File.ReadAllBytes(_data.PathTo("whole/model.safetensors")),
            File.ReadAllBytes(_data.PathTo("parts/model.safetensors"))
        );
    }

    [Theory]
    [InlineData(ContrastiveStage.Embeddings)]
    [InlineData(ContrastiveStage.Model)]
    public async Task Pairs_beside_the_teachers_bring_questions_to_their_passages(ContrastiveStage stage)
    {
        var config = Config("alone", 40) with { Stage = stage };
        TrainingRuns.Distill(config);
        TrainingRuns.Distill(config with { Output = "beside", Pairs = Pairs() with { Weight = 0.5 } });
        var (alone, beside) = (await Margin("alone"), await Margin("beside"));
        Assert.True(beside > alone + 0.05, $"margin {alone:F3} alone, {beside:F3} with pairs");
    }

    [Fact]
    public void A_run_is_not_resumed_with_other_pairs()
    {
        var config = Config("out", 2) with { Pairs = Pairs() };
        TrainingRuns.Distill(config);
        foreach (var other in new[] { null, Pairs() with { Weight = 0.2 }, Pairs() with { Data = [_data.Articles() with { Limit = 30 }] } })
        {
            var error = Assert.Throws<TrainingException>(() =>
                TrainingRuns.Distill(config with { Steps = 3, Pairs = other }, resume: true)
            );
            Assert.Contains("had another 'pairs", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_wrong_with_the_pairs_is_said_by_name()
    {
        void Fails(DistillConfig config, string expected) =>
            Assert.Contains(expected, Assert.Throws<TrainingException>(config.Validate).Message, StringComparison.Ordinal);
        var good = Config("out", 1) with { Pairs = Pairs() };
        good.Validate();
        Fails(good with { GroupSize = 0 }, "'groupSize'");
        Fails(good with { GroupSize = 17 }, "'groupSize'");
        Fails(good with { Pairs = Pairs() with { Data = [] } }, "'data' of 'pairs'");
        Fails(good with { Pairs = Pairs() with { Weight = 0 } }, "'weight' of 'pairs'");
        Fails(good with { Pairs = Pairs() with { BatchSize = 1 } }, "'batchSize' of 'pairs'");
        Fails(good with { Pairs = Pairs() with { MaximumLength = 1 } }, "'maximumLength' of 'pairs'");
        Fails(good with { Pairs = Pairs() with { RunLength = 0 } }, "'runLength' of 'pairs'");
        Fails(good with { Pairs = Pairs() with { Scale = 0 } }, "'scale' of 'pairs'");
        Fails(good with { Pairs = Pairs() with { HardNegatives = -1 } }, "'hardNegatives' of 'pairs'");
        var missing = good with { Pairs = Pairs() with { Data = [new DataSource { Path = "none.jsonl" }] } };
        Assert.Contains(
            "none.jsonl",
            Assert.Throws<TrainingException>(() => TrainingRuns.Distill(missing)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Teaching_can_be_interrupted_and_computes_no_vector_twice()
    {
        var config = Config("out", 1) with { Texts = 6000, Data = [_data.Articles(2000)], MaximumCharacters = 60 };
        using var stop = new CancellationTokenSource();
        var messages = new List<string>();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            TrainingRuns.Teach(
                config,
                new Immediate<string>(m =>
                {
                    if (m.EndsWith("left", StringComparison.Ordinal))
                        stop.Cancel();
                }),
                stop.Token
            )
        );
        var (texts, taught) = TrainingRuns.Teach(config, new Immediate<string>(messages.Add));
        Assert.Equal(texts, taught);
        Assert.Contains(messages, m => m.StartsWith("teacher first: 4,096 of", StringComparison.Ordinal));
        messages.Clear();
        TrainingRuns.Teach(config, new Immediate<string>(messages.Add));
        Assert.Contains(messages, m => m.StartsWith($"teacher second: {texts:N0} of {texts:N0}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vectors.jsonl")]
    [InlineData("vectors.parquet")]
    public async Task Vectors_made_elsewhere_teach_what_their_model_would(string name)
    {
        TrainingRuns.Distill(
            Config("model", 5) with
            {
                Teachers = [new TeacherConfig { Model = "first" }],
                NewModel = _data.TinyModel(),
                TeacherStart = false,
            }
        );
        var texts = new TextMaker([_data.Articles()], _data.Root, new TextShares(), 400, 1600, 1).Take(200);
        using (var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = _data.PathTo("first"), MaxLength = 32 }))
        {
            var vectors = await generator.GenerateAsync(texts.Select(t => t.Text));
            await using var file = await VectorFileWriter.CreateAsync(_data.PathTo(name), TestContext.Current.CancellationToken);
            for (var i = 0; i < texts.Count; i++)
                await file.WriteAsync(texts[i].Text, vectors[i].Vector, TestContext.Current.CancellationToken);
            Assert.False(File.Exists(_data.PathTo(name)));
            await file.CompleteAsync(TestContext.Current.CancellationToken);
        }

        TrainingRuns.Distill(Config("file", 5) with { Teachers = [new TeacherConfig { Vectors = name }], TeacherStart = false });
        foreach (var (fromModel, fromFile) in Log("model").Zip(Log("file")))
            Assert.True(Math.Abs(fromModel.Loss - fromFile.Loss) < 1e-3, $"{fromModel.Loss} and {fromFile.Loss}");
    }

    [Fact]
    public void A_start_from_the_teacher_is_nearer_to_it_than_a_start_by_chance()
    {
        TrainingRuns.Distill(Config("taught", 1) with { LearningRate = 1e-12 });
        TrainingRuns.Distill(Config("chance", 1) with { LearningRate = 1e-12, TeacherStart = false });
        var (taught, chance) = (Log("taught")[0], Log("chance")[0]);
        Assert.True(taught.Loss < 0.8 * chance.Loss, $"{taught.Loss} and {chance.Loss}");
    }

    [Fact]
    public void What_is_wrong_with_a_teacher_is_said_in_one_line()
    {
        File.WriteAllText(_data.PathTo("empty.jsonl"), "\n");
        File.WriteAllText(_data.PathTo("short.jsonl"), "{\"text\": \"one\", \"vector\": [1, 2]}\n{\"text\": \"two\", \"vector\": [1]}\n");
        File.WriteAllText(_data.PathTo("odd.jsonl"), "{\"text\": \"one\", \"vector\": \"none\"}\n");
        File.WriteAllText(_data.PathTo("others.jsonl"), "{\"text\": \"one\", \"vector\": [1, 2]}\n");
        AssertError("is empty", new TeacherConfig { Vectors = "empty.jsonl" });
        AssertError("does not exist", new TeacherConfig { Vectors = "none.jsonl" });
        AssertError("line 2: the vector has 1 elements", new TeacherConfig { Vectors = "short.jsonl" });
        AssertError("line 1: expected", new TeacherConfig { Vectors = "odd.jsonl" });
        AssertError("vector of every teacher", new TeacherConfig { Vectors = "others.jsonl" });
        File.WriteAllText(_data.PathTo("none.parquet"), "{\"text\": \"one\", \"vector\": [1, 2]}\n");
        AssertError("not readable as Parquet", new TeacherConfig { Vectors = "none.parquet" });
        AssertError("cannot be loaded", new TeacherConfig { Model = "nowhere" });
        AssertError("either 'model'", new TeacherConfig());
        AssertError("'weight' of a teacher", new TeacherConfig { Model = "first", Weight = 0 });

        // The tokenizer of another model: more pieces than this one has rows.
        TrainingRuns.Mntp(_data.Mntp("damaged", 1));
        var config = File.ReadAllText(_data.PathTo("damaged/config.json"));
        File.WriteAllText(
            _data.PathTo("damaged/config.json"),
            config.Replace("\"vocab_size\": 600", "\"vocab_size\": 500", StringComparison.Ordinal)
        );
        AssertError("cannot be loaded", new TeacherConfig { Model = "damaged" });
    }

    private void AssertError(string expected, TeacherConfig teacher)
    {
        var error = Assert.Throws<TrainingException>(() => TrainingRuns.Distill(Config("error", 1) with { Teachers = [teacher] }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>Titles and the articles that they stand above.</summary>
    private DistillPairsConfig Pairs() =>
        new()
        {
            Data = [_data.Articles() with { Pairs = new Dictionary<PairKind, double> { [PairKind.TitleLead] = 1 } }],
            BatchSize = 8,
            MaximumLength = 16,
            RunLength = 4,
        };

    /// <summary>How much nearer a title is to its own article than to the others, on average.</summary>
    private async Task<double> Margin(string output)
    {
        var articles = File.ReadLines(_data.PathTo("articles.jsonl")).Take(8).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        using var generator = Llm2VecEmbeddingGenerator.Load(_data.PathTo(output));
        var titles = await generator.GenerateAsync(articles.Select(a => a.GetProperty("title").GetString()!));
        var texts = await generator.GenerateAsync(articles.Select(a => a.GetProperty("text").GetString()![..60]));
        double Cosine(int i, int j) =>
            System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(titles[i].Vector.Span, texts[j].Vector.Span);
        return Enumerable
            .Range(0, titles.Count)
            .Average(i => Cosine(i, i) - Enumerable.Range(0, texts.Count).Where(j => j != i).Average(j => Cosine(i, j)));
    }

    private List<TrainingProgress> Log(string output) => [.. TrainingLog.Read(Path.Combine(_data.Root, output, TrainingLog.FileName))];

    private DistillConfig Config(string output, long steps) =>
        new()
        {
            NewModel = _data.TinyModel(),
            Teachers = [new TeacherConfig { Model = "first" }, new TeacherConfig { Model = "second" }],
            Output = output,
            Data = [_data.Articles()],
            BaseDirectory = _data.Root,
            Texts = 200,
            Steps = steps,
            BatchSize = 16,
            MaximumLength = 32,
            LearningRate = 5e-3,
            WarmupSteps = 2,
            Matryoshka = [8, 32],
            CheckpointEvery = 0,
            LogEvery = 1,
            Device = "cpu",
        };
}
