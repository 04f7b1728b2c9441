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

    [Fact]
    public void A_run_that_was_killed_resumes_to_the_same_curve_and_weights()
    {
        TrainingRuns.Distill(Config("whole", 9));
        var parts = Config("parts", 9) with { CheckpointEvery = 4 };
        TrainingRuns.Distill(parts);
        Directory.Delete(_data.PathTo("parts/checkpoints/step-00000009"), recursive: true);
        TrainingRuns.Distill(parts, resume: true);
        Assert.Equal(Log("whole").Select(l => l.Loss), Log("parts").Select(l => l.Loss));
        Assert.Equal(
            File.ReadAllBytes(_data.PathTo("whole/model.safetensors")),
            File.ReadAllBytes(_data.PathTo("parts/model.safetensors"))
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

    [Fact]
    public async Task Vectors_made_elsewhere_teach_what_their_model_would()
    {
        TrainingRuns.Distill(
            Config("model", 5) with
            {
                Teachers = [new TeacherConfig { Model = "first" }],
                NewModel = _data.TinyModel(),
                TeacherStart = false,
            }
        );
        var texts = new TextMaker([_data.Articles()], _data.Root, new TextShares(), 400, 1).Take(200);
        using (var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = _data.PathTo("first"), MaxLength = 32 }))
        {
            var vectors = await generator.GenerateAsync(texts.Select(t => t.Text));
            File.WriteAllLines(
                _data.PathTo("vectors.jsonl"),
                texts.Select((t, i) => JsonSerializer.Serialize(new { text = t.Text, vector = vectors[i].Vector }))
            );
        }

        TrainingRuns.Distill(Config("file", 5) with { Teachers = [new TeacherConfig { Vectors = "vectors.jsonl" }], TeacherStart = false });
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
