using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Tests;

[Collection(Serial.Name)]
public sealed class TrainingRunTests : IDisposable
{
    private readonly TestData _data = new();

    public void Dispose() => _data.Dispose();

    private List<TrainingProgress> Log(string output) => [.. TrainingLog.Read(Path.Combine(_data.Root, output, TrainingLog.FileName))];

    [Fact]
    public void A_short_mntp_run_learns_and_its_folder_loads()
    {
        TrainingRuns.Mntp(_data.Mntp("out", 60));
        var losses = Log("out").Select(l => l.Loss).ToList();
        Assert.Equal(60, losses.Count);
        Assert.True(losses.TakeLast(5).Average() < 0.8 * losses.Take(5).Average(), $"loss went from {losses[0]:F3} to {losses[^1]:F3}");

        var folder = _data.PathTo("out");
        using var model = CheckpointLoader.Load(folder);
        Assert.Equal(ScalarType.Float16, model.DataType);
        Assert.Equal(600, TrainingTokenizer.Load(folder).VocabularySize);
        ModelCard.Write(folder, [("MNTP", _data.Mntp("out", 60), Log("out")[^1])], [new ModelCardScore("a measure", "0.5", "a command")]);
        var card = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.Contains("60 steps", card, StringComparison.Ordinal);
        Assert.Contains("articles", card, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupted_run_resumes_to_the_same_curve_and_weights()
    {
        TrainingRuns.Mntp(_data.Mntp("whole", 12));
        using var stop = new CancellationTokenSource();
        var interrupted = _data.Mntp("parts", 12) with { CheckpointEvery = 3 };
        // Ends between two checkpoints by cancellation, which writes one more.
        Assert.Throws<OperationCanceledException>(() =>
            TrainingRuns.Mntp(
                interrupted,
                progress: new Immediate<TrainingProgress>(p =>
                {
                    if (p.Step == 5)
                        stop.Cancel();
                }),
                cancellationToken: stop.Token
            )
        );
        TrainingRuns.Mntp(interrupted, resume: true);
        AssertSame();

        // Killed: the log has run ahead of the checkpoint it goes back to.
        Directory.Delete(Path.Combine(_data.Root, "parts", "checkpoints"), recursive: true);
        TrainingRuns.Mntp(interrupted);
        Directory.Delete(Path.Combine(_data.Root, "parts", "checkpoints", "step-00000012"), recursive: true);
        TrainingRuns.Mntp(interrupted, resume: true);
        AssertSame();

        void AssertSame()
        {
            var (whole, parts) = (Log("whole"), Log("parts"));
            Assert.Equal(whole.Select(l => l.Step), parts.Select(l => l.Step));
            Assert.Equal(whole.Select(l => l.Loss), parts.Select(l => l.Loss));
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_data.Root, "whole", "model.safetensors")),
                File.ReadAllBytes(Path.Combine(_data.Root, "parts", "model.safetensors"))
            );
        }
    }

    [Fact]
    public void SimCse_with_dropout_resumes_to_the_same_curve()
    {
        TrainingRuns.Mntp(_data.Mntp("base", 1));
        SimCseConfig Config(string output) =>
            new()
            {
                Model = "base",
                Output = output,
                Data = [_data.Articles()],
                BaseDirectory = _data.Root,
                Steps = 6,
                BatchSize = 8,
                MaximumLength = 24,
                LearningRate = 1e-3,
                CheckpointEvery = 4,
                LogEvery = 1,
                Device = "cpu",
                MicroBatchSize = 5,
                Lora = new LoraConfig { Rank = 4 },
            };
        TrainingRuns.SimCse(Config("whole"));
        TrainingRuns.SimCse(Config("parts"));
        Directory.Delete(Path.Combine(_data.Root, "parts", "checkpoints", "step-00000006"), recursive: true);
        TrainingRuns.SimCse(Config("parts"), resume: true);
        Assert.Equal(Log("whole").Select(l => l.Loss), Log("parts").Select(l => l.Loss));
    }

    [Fact]
    public void A_contrastive_run_from_word_vectors_learns_in_both_stages()
    {
        ContrastiveConfig Config(string output, ContrastiveStage stage) =>
            new()
            {
                Output = output,
                Data = [_data.Articles(200) with { Pairs = new Dictionary<PairKind, double> { [PairKind.TitleLead] = 1 } }],
                BaseDirectory = _data.Root,
                Steps = 40,
                BatchSize = 16,
                MaximumLength = 32,
                LearningRate = 0.02,
                WarmupSteps = 3,
                Scale = 20,
                Stage = stage,
                Lora = null,
                Matryoshka = [8, 32],
                CheckpointEvery = 0,
                LogEvery = 1,
                Device = "cpu",
            };
        TrainingRuns.Contrastive(Config("first", ContrastiveStage.Embeddings) with { NewModel = _data.TinyModel(wordVectors: true) });
        var first = Log("first");
        var (early, late) = (first.Take(8).Average(l => l.Loss), first.TakeLast(8).Average(l => l.Loss));
        Assert.True(late < 0.9 * early, $"the embedding stage did not learn: {early:F3} to {late:F3}");

        TrainingRuns.Contrastive(Config("second", ContrastiveStage.Model) with { Model = "first", MicroBatchSize = 8 });
        using var before = CheckpointLoader.Load(_data.PathTo("first"), dataType: ScalarType.Float32);
        using var after = CheckpointLoader.Load(_data.PathTo("second"), dataType: ScalarType.Float32);
        Assert.Equal(0, before.DecoderLayers[0].Projections().Last().Projection.Weight.abs().sum().ToDouble());
        Assert.True(after.DecoderLayers[0].Projections().Last().Projection.Weight.abs().sum().ToDouble() > 0);

        var error = Assert.Throws<TrainingException>(() =>
            TrainingRuns.Contrastive(Config("third", ContrastiveStage.Embeddings) with { Model = "second" })
        );
        Assert.Contains("stage model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Causal_pretraining_learns()
    {
        TrainingRuns.Pretrain(
            new PretrainConfig
            {
                NewModel = _data.TinyModel(),
                Output = "out",
                Data = [_data.Articles()],
                BaseDirectory = _data.Root,
                Steps = 30,
                BatchSize = 8,
                MaximumLength = 32,
                LearningRate = 3e-3,
                WarmupSteps = 3,
                LogEvery = 1,
                CheckpointEvery = 0,
                Device = "cpu",
                Accumulation = 2,
            }
        );
        var losses = Log("out").Select(l => l.Loss).ToList();
        Assert.True(losses.TakeLast(5).Average() < 0.85 * losses.Take(5).Average(), $"loss went from {losses[0]:F3} to {losses[^1]:F3}");
    }

    [Fact]
    public void An_exploding_loss_ends_the_run_with_advice()
    {
        var error = Assert.Throws<TrainingException>(() =>
            TrainingRuns.Mntp(_data.Mntp("out", 50) with { LearningRate = 1e30, ClipNorm = 0 })
        );
        Assert.Contains("exploded", error.Message, StringComparison.Ordinal);
        Assert.Contains("learningRate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_shape_is_refused()
    {
        TrainingRuns.Mntp(_data.Mntp("out", 2));
        var error = Assert.Throws<TrainingException>(() =>
            TrainingRuns.Mntp(_data.Mntp("out", 4) with { NewModel = _data.TinyModel(hidden: 16) }, resume: true)
        );
        Assert.Contains("shape", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(_data.Mntp("out", 4) with { Seed = 9 }, resume: true));
        Assert.Contains("seed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("curves.png")]
    [InlineData("curves.svg")]
    public void Plots_are_written(string name)
    {
        Directory.CreateDirectory(_data.PathTo("run"));
        using (var log = new TrainingLog(_data.PathTo("run"), 0))
        {
            for (var i = 1; i < 20; i++)
            {
                log.Write(
                    new TrainingProgress
                    {
                        Step = i,
                        Steps = 20,
                        Loss = 5.0 / i,
                        Accuracy = i / 20.0,
                        LearningRate = 1,
                        GradientNorm = 1,
                        TokensPerSecond = 1,
                        Seconds = i,
                        SecondsLeft = 0,
                    }
                );
            }
        }

        TrainingPlot.Save([_data.PathTo("run")], _data.PathTo(name));
        var bytes = File.ReadAllBytes(_data.PathTo(name));
        Assert.True(bytes.Length > 1000);
        Assert.True(
            name.EndsWith("png", StringComparison.Ordinal)
                ? bytes[1] == 'P'
                : System.Text.Encoding.UTF8.GetString(bytes).Contains("<svg", StringComparison.Ordinal)
        );
        Assert.Throws<TrainingException>(() => TrainingPlot.Save([_data.PathTo("nowhere")], _data.PathTo(name)));
        Assert.Throws<TrainingException>(() => TrainingPlot.Save([_data.PathTo("run")], _data.PathTo("curves.gif")));
    }

    [Fact]
    public void A_missing_tokenizer_trainer_is_explained()
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", _data.Root);
            var error = Assert.Throws<TrainingException>(() =>
                TokenizerTraining.Train(
                    new TokenizerTrainingConfig
                    {
                        Data = [_data.Articles()],
                        Output = "tokenizer",
                        BaseDirectory = _data.Root,
                    }
                )
            );
            Assert.Contains("spm_train", error.Message, StringComparison.Ordinal);
            Assert.Contains("apt install sentencepiece", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Fact]
    public void An_adapter_kept_apart_rests_on_its_base()
    {
        TrainingRuns.Mntp(_data.Mntp("base", 2));
        TrainingRuns.Mntp(
            _data.Mntp("adapter", 4) with
            {
                NewModel = null,
                Model = "base",
                Lora = new LoraConfig { Rank = 2, Merge = false },
            }
        );
        Assert.True(File.Exists(_data.PathTo("adapter/adapter_config.json")));
        Assert.False(File.Exists(_data.PathTo("adapter/model.safetensors")));
        using var generator = Llm2VecEmbeddingGenerator.Load(_data.PathTo("adapter"));
        Assert.Equal(32, generator.Dimension);
    }

    [Fact]
    public void A_run_with_the_default_adapter_changes_the_projections_alone()
    {
        TrainingRuns.Mntp(_data.Mntp("base", 1));
        var messages = new List<string>();
        TrainingRuns.Mntp(
            _data.Mntp("adapted", 3) with
            {
                NewModel = null,
                Model = "base",
                Lora = new LoraConfig(),
            },
            messages: new Immediate<string>(messages.Add)
        );
        Assert.Contains(messages, m => m.EndsWith("training an adapter of rank 16 (14,848 weights)", StringComparison.Ordinal));
        using var before = CheckpointLoader.Load(_data.PathTo("base"), dataType: ScalarType.Float32);
        using var after = CheckpointLoader.Load(_data.PathTo("adapted"), dataType: ScalarType.Float32);
        var parameters = before.named_parameters().Zip(after.named_parameters()).ToList();
        var changed = parameters.Where(p => p.First.parameter.ne(p.Second.parameter).any().ToBoolean()).Select(p => p.First.name);
        Assert.Equal(
            parameters
                .Select(p => p.First)
                .Where(p => p.name.Contains("layers", StringComparison.Ordinal) && p.parameter.dim() == 2)
                .Select(p => p.name),
            changed
        );
    }

    [Fact]
    public void A_run_is_not_resumed_with_another_set_of_trained_weights()
    {
        MntpConfig Config(string output, LoraConfig? lora, long steps = 2) =>
            _data.Mntp(output, steps) with
            {
                NewModel = null,
                Model = "base",
                Lora = lora,
            };
        TrainingRuns.Mntp(_data.Mntp("base", 1));
        TrainingRuns.Mntp(Config("full", null));
        TrainingRuns.Mntp(Config("adapter", new LoraConfig { Rank = 2 }));
        void Refuses(MntpConfig config, string expected)
        {
            var settings = File.ReadAllText(Path.Combine(config.OutputPath, "training-config.json"));
            Assert.Contains(
                expected,
                Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(config, resume: true)).Message,
                StringComparison.Ordinal
            );
            Assert.Equal(settings, File.ReadAllText(Path.Combine(config.OutputPath, "training-config.json")));
        }

        Refuses(Config("full", new LoraConfig(), steps: 4), "Say \"lora\": false");
        Refuses(Config("adapter", new LoraConfig { Rank = 2, Alpha = 8 }, steps: 4), "alpha 32, the configuration says 8");
        Refuses(Config("adapter", null, steps: 4), "says \"lora\": false");
        Refuses(Config("adapter", new LoraConfig { Rank = 4 }, steps: 4), "shape");

        // What a run wrote about itself says the same when it is read again.
        string Written(string output) => _data.PathTo(output + "/training-config.json");
        Assert.Null(TrainingConfig.Load<MntpConfig>(Written("full")).Lora);
        Assert.Equal(2, TrainingConfig.Load<MntpConfig>(Written("adapter")).Lora!.Rank);
    }

    [Fact]
    public void Throughput_is_measured_against_the_matmul_peak()
    {
        var found = TrainingThroughput.Measure(
            hiddenSize: 64,
            layers: 1,
            vocabularySize: 100,
            batchSize: 2,
            length: 16,
            seconds: 0.1,
            device: "cpu"
        );
        Assert.True(found is { Steps: > 0, TokensPerSecond: > 0, MatmulGigaflops: > 0 });
        // Four maps of 64 × 64 around attention, three of 64 × 170, three norms; token embeddings. The head runs at a fifth of the places.
        const double Layers = (4 * 64 * 64) + (3 * 64 * 170) + (3 * 64),
            Embeddings = 100 * 64,
            Attention = 12 * 16 * 64;
        Assert.Equal(Layers + Embeddings, found.Parameters);
        Assert.Equal((6 * Layers) + Attention + (6 * Embeddings / 5), found.TrainingGigaflops * 1e9 / found.TokensPerSecond, 1e-3);
        Assert.Equal(found.TrainingGigaflops / found.MatmulGigaflops, found.PeakShare, 1e-9);
    }
}
