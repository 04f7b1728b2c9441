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

        var folder = _data.Path_("out");
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
        Assert.Throws<OperationCanceledException>(() => TrainingRuns.Mntp(
            interrupted, progress: new Immediate(p =>
            {
                if (p.Step == 5)
                    stop.Cancel();
            }), cancellationToken: stop.Token));
        TrainingRuns.Mntp(interrupted, resume: true);
        AssertSame();

        // Killed: the log has run ahead of the checkpoint it goes back to.
        Directory.Delete(Path.Combine(_data.Root, "parts", "checkpoints"), recursive: true);
        TrainingRuns.Mntp(interrupted with { Steps = 12 });
        Directory.Delete(Path.Combine(_data.Root, "parts", "checkpoints", "step-00000012"), recursive: true);
        TrainingRuns.Mntp(interrupted, resume: true);
        AssertSame();

        void AssertSame()
        {
            var (whole, parts) = (Log("whole"), Log("parts"));
            Assert.Equal(whole.Select(l => l.Step), parts.Select(l => l.Step));
            Assert.Equal(whole.Select(l => l.Loss), parts.Select(l => l.Loss));
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_data.Root, "whole", "model.safetensors")), File.ReadAllBytes(Path.Combine(_data.Root, "parts", "model.safetensors")));
        }
    }

    [Fact]
    public void SimCse_with_dropout_resumes_to_the_same_curve()
    {
        SimCseConfig Config(string output) => new()
        {
            NewModel = _data.TinyModel(), Output = output, Data = [_data.Articles()], BaseDirectory = _data.Root, Steps = 6, BatchSize = 8, MaximumLength = 24,
            LearningRate = 1e-3, CheckpointEvery = 4, LogEvery = 1, Device = "cpu", MicroBatchSize = 5, Lora = new LoraConfig { Rank = 4 },
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
        ContrastiveConfig Config(string output, ContrastiveStage stage) => new()
        {
            Output = output, Data = [_data.Articles(200) with { Pairs = new Dictionary<PairKind, double> { [PairKind.TitleLead] = 1 } }], BaseDirectory = _data.Root,
            Steps = 40, BatchSize = 16, MaximumLength = 32, LearningRate = 0.02,
            WarmupSteps = 3, Scale = 20, Stage = stage, Matryoshka = [8, 32], CheckpointEvery = 0, LogEvery = 1, Device = "cpu",
        };
        TrainingRuns.Contrastive(Config("first", ContrastiveStage.Embeddings) with { NewModel = _data.TinyModel(wordVectors: true) });
        var first = Log("first");
        var (early, late) = (first.Take(8).Average(l => l.Loss), first.TakeLast(8).Average(l => l.Loss));
        Assert.True(late < 0.9 * early, $"the embedding stage did not learn: {early:F3} to {late:F3}");

        TrainingRuns.Contrastive(Config("second", ContrastiveStage.Model) with { Model = "first", MicroBatchSize = 8 });
        using var before = CheckpointLoader.Load(_data.Path_("first"), dataType: ScalarType.Float32);
        using var after = CheckpointLoader.Load(_data.Path_("second"), dataType: ScalarType.Float32);
        Assert.Equal(0, before.DecoderLayers[0].Projections().Last().Projection.Weight.abs().sum().ToDouble());
        Assert.True(after.DecoderLayers[0].Projections().Last().Projection.Weight.abs().sum().ToDouble() > 0);

        var error = Assert.Throws<TrainingException>(() => TrainingRuns.Contrastive(Config("third", ContrastiveStage.Embeddings) with { Model = "second" }));
        Assert.Contains("stage model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Causal_pretraining_learns()
    {
        TrainingRuns.Pretrain(new PretrainConfig
        {
            NewModel = _data.TinyModel(), Output = "out", Data = [_data.Articles()], BaseDirectory = _data.Root, Steps = 30, BatchSize = 8, MaximumLength = 32,
            LearningRate = 3e-3, WarmupSteps = 3, LogEvery = 1, CheckpointEvery = 0, Device = "cpu", Accumulation = 2,
        });
        var losses = Log("out").Select(l => l.Loss).ToList();
        Assert.True(losses.TakeLast(5).Average() < 0.85 * losses.Take(5).Average(), $"loss went from {losses[0]:F3} to {losses[^1]:F3}");
    }

    [Fact]
    public void An_exploding_loss_ends_the_run_with_advice()
    {
        var error = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(_data.Mntp("out", 50) with { LearningRate = 1e30, ClipNorm = 0 }));
        Assert.Contains("exploded", error.Message, StringComparison.Ordinal);
        Assert.Contains("learningRate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_shape_is_refused()
    {
        TrainingRuns.Mntp(_data.Mntp("out", 2));
        var error = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(_data.Mntp("out", 4) with { NewModel = _data.TinyModel(hidden: 16) }, resume: true));
        Assert.Contains("shape", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(_data.Mntp("out", 4) with { Seed = 9 }, resume: true));
        Assert.Contains("seed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_configurations_are_refused_by_name()
    {
        void Fails(TrainingConfig config, string expected) => Assert.Contains(expected, Assert.Throws<TrainingException>(config.Validate).Message, StringComparison.Ordinal);
        var good = _data.Mntp("out", 2);
        good.Validate();
        Fails(good with { Model = "x" }, "'newModel'");
        Fails(good with { NewModel = null }, "'model'");
        Fails(good with { Data = [] }, "'data'");
        Fails(good with { Steps = 0 }, "'steps'");
        Fails(good with { LearningRate = 0 }, "'learningRate'");
        Fails(good with { MaskProbability = 0 }, "'maskProbability'");
        Fails(good with { Device = "tpu" }, "'device'");
        var missing = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(good with { MaskToken = "notapiece" }));
        Assert.Contains("'notapiece'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_files_name_unknown_settings()
    {
        File.WriteAllText(_data.Path_("config.json"), """{ "output": "o", "model": "m", "data": [{ "path": "x" }], "learningrat": 1 }""");
        Assert.Contains("learningrat", Assert.Throws<TrainingException>(() => TrainingConfig.Load<MntpConfig>(_data.Path_("config.json"))).Message, StringComparison.Ordinal);
        Assert.Throws<TrainingException>(() => TrainingConfig.Load<MntpConfig>(_data.Path_("none.json")));
        File.WriteAllText(_data.Path_("config.json"), """{ "output": "o", "model": "m", "data": [{ "path": "x", "kind": "Articles", "pairs": { "Crops": 2 } }], /* seconds */ "steps": 7 }""");
        var config = TrainingConfig.Load<ContrastiveConfig>(_data.Path_("config.json"));
        Assert.Equal(7, config.Steps);
        Assert.Equal(2, config.Data[0].Pairs[PairKind.Crops]);
        Assert.Equal(_data.Path_("o"), config.OutputPath);
    }

    [Theory]
    [InlineData("curves.png")]
    [InlineData("curves.svg")]
    public void Plots_are_written(string name)
    {
        Directory.CreateDirectory(_data.Path_("run"));
        using (var log = new TrainingLog(_data.Path_("run"), 0))
        {
            for (var i = 1; i < 20; i++)
                log.Write(new TrainingProgress { Step = i, Steps = 20, Loss = 5.0 / i, Accuracy = i / 20.0, LearningRate = 1, GradientNorm = 1, TokensPerSecond = 1, Seconds = i, SecondsLeft = 0 });
        }

        TrainingPlot.Save([_data.Path_("run")], _data.Path_(name));
        var bytes = File.ReadAllBytes(_data.Path_(name));
        Assert.True(bytes.Length > 1000);
        Assert.True(name.EndsWith("png", StringComparison.Ordinal) ? bytes[1] == 'P' : System.Text.Encoding.UTF8.GetString(bytes).Contains("<svg", StringComparison.Ordinal));
        Assert.Throws<TrainingException>(() => TrainingPlot.Save([_data.Path_("nowhere")], _data.Path_(name)));
        Assert.Throws<TrainingException>(() => TrainingPlot.Save([_data.Path_("run")], _data.Path_("curves.gif")));
    }

    [Fact]
    public void The_example_configurations_are_valid()
    {
        var folder = Path.Combine(TestSupport.Repository.Root, "src", "SearchEngine.Training", "configs");
        string File_(string name) => Path.Combine(folder, name);
        Assert.Equal(9, Directory.EnumerateFiles(folder).Count());
        TrainingConfig.Load<PretrainConfig>(File_("pretrain.json"));
        Assert.Equal(16, TrainingConfig.Load<MntpConfig>(File_("mntp.json")).Lora!.Rank);
        TrainingConfig.Load<SimCseConfig>(File_("simcse.json"));
        Assert.Equal(ContrastiveStage.Embeddings, TrainingConfig.Load<ContrastiveConfig>(File_("contrastive-embeddings.json")).Stage);
        TrainingConfig.Load<ContrastiveConfig>(File_("contrastive-model.json"));
        TrainingConfig.Load<ContrastiveConfig>(File_("contrastive-layers.json"));
        Assert.Equal(32, TrainingConfig.Load<ContrastiveConfig>(File_("contrastive.json")).Lora!.Alpha);
        TokenizerTrainingConfig.Load(File_("tokenizer.json"));
        HardNegativeConfig.Load(File_("mine.json"));
    }

    [Fact]
    public void The_configurations_of_the_reproduction_are_valid_and_called_by_its_script()
    {
        var folder = Path.Combine(TestSupport.Repository.Root, "src", "SearchEngine.Training", "configs", "reproduction");
        var script = File.ReadAllText(Path.Combine(folder, "run.sh"));
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.Contains(name, script, StringComparison.Ordinal);
            if (name == "tokenizer")
            {
                TokenizerTrainingConfig.Load(file);
                continue;
            }

            TrainingConfig config = name switch
            {
                _ when name.Contains("pretrain", StringComparison.Ordinal) => TrainingConfig.Load<PretrainConfig>(file),
                _ when name.EndsWith("-mntp", StringComparison.Ordinal) && name.StartsWith('2') => TrainingConfig.Load<MntpConfig>(file),
                _ when name.Contains("simcse", StringComparison.Ordinal) => TrainingConfig.Load<SimCseConfig>(file),
                _ => TrainingConfig.Load<ContrastiveConfig>(file),
            };
            Assert.EndsWith(config.Output.Split('/')[^1], config.OutputPath, StringComparison.Ordinal);
            Assert.Contains($"{name} {config.Output.Split('/')[^1]}\n", script, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_tokenizer_trainer_is_explained()
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", _data.Root);
            var error = Assert.Throws<TrainingException>(() => TokenizerTraining.Train(
                new TokenizerTrainingConfig { Data = [_data.Articles()], Output = "tokenizer", BaseDirectory = _data.Root }));
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
        TrainingRuns.Mntp(_data.Mntp("adapter", 4) with { NewModel = null, Model = "base", Lora = new LoraConfig { Rank = 2, Merge = false } });
        Assert.True(File.Exists(_data.Path_("adapter/adapter_config.json")));
        Assert.False(File.Exists(_data.Path_("adapter/model.safetensors")));
        using var generator = Llm2VecEmbeddingGenerator.Load(_data.Path_("adapter"));
        Assert.Equal(32, generator.Dimension);

        var error = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(_data.Mntp("other", 4) with { Lora = new LoraConfig { Merge = false } }));
        Assert.Contains("'lora'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Throughput_is_measured_against_the_matmul_peak()
    {
        var found = TrainingThroughput.Measure(64, 1, 100, 2, 16, 0.1, "cpu");
        Assert.True(found.TokensPerSecond > 0 && found.MatmulGigaflops > 0);
        Assert.Equal(found.TrainingGigaflops / found.MatmulGigaflops, found.PeakShare, 9);
    }

    private sealed class Immediate(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
