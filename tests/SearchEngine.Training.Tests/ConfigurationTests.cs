using System.Text.RegularExpressions;

namespace SearchEngine.Training.Tests;

[Collection(Serial.Name)]
public sealed class ConfigurationTests : IDisposable
{
    private readonly TestData _data = new();

    public void Dispose() => _data.Dispose();

    /// <summary>LLM2Vec's settings (BehnamGhader et al. 2024, section 2 and appendix) hold wherever a file says nothing else.</summary>
    [Fact]
    public void Defaults_are_those_of_the_paper()
    {
        File.WriteAllText(_data.PathTo("config.json"), """{ "model": "m", "output": "o", "data": [{ "path": "x" }] }""");
        T Default<T>()
            where T : TrainingConfig => TrainingConfig.Load<T>(_data.PathTo("config.json"));
        var (pretrain, mntp, simcse, contrastive) = (
            Default<PretrainConfig>(),
            Default<MntpConfig>(),
            Default<SimCseConfig>(),
            Default<ContrastiveConfig>()
        );

        Assert.Null(pretrain.Lora);
        foreach (var config in (TrainingConfig[])[mntp, simcse, contrastive])
        {
            Assert.Equal((16, 32.0, 0.05, true), (config.Lora!.Rank, config.Lora.Alpha, config.Lora.Dropout, config.Lora.Merge));
            Assert.Empty(config.Lora.Targets);
            Assert.Equal((1000, 1, LearningRateDecay.Linear), (config.Steps, config.Accumulation, config.Decay));
            Assert.Equal((0.9, 0.999, 1e-8, 0.0, 1.0), (config.Beta1, config.Beta2, config.Epsilon, config.WeightDecay, config.ClipNorm));
        }

        Assert.Equal((32, 512, 5e-5, 0), (mntp.BatchSize, mntp.MaximumLength, mntp.LearningRate, mntp.WarmupSteps));
        Assert.Equal((0.2, 0.8, 0.1, "_"), (mntp.MaskProbability, mntp.MaskShare, mntp.RandomShare, mntp.MaskToken));
        Assert.Equal((128, 128, 3e-5, 0), (simcse.BatchSize, simcse.MaximumLength, simcse.LearningRate, simcse.WarmupSteps));
        Assert.Equal((0.3, 20.0), (simcse.AttentionDropout, simcse.Scale));
        Assert.Empty(simcse.Matryoshka);
        Assert.Equal(
            (512, 512, 2e-4, 300),
            (contrastive.BatchSize, contrastive.MaximumLength, contrastive.LearningRate, contrastive.WarmupSteps)
        );
        Assert.Equal(
            (50.0, 1, false, 0.0),
            (contrastive.Scale, contrastive.HardNegatives, contrastive.Symmetric, contrastive.AttentionDropout)
        );
        Assert.Equal(ContrastiveStage.Model, contrastive.Stage);
        Assert.Empty(contrastive.Matryoshka);
    }

    [Theory]
    [InlineData("false", null)]
    [InlineData("""{ "rank": 4 }""", 4)]
    [InlineData("{}", 16)]
    public void Lora_is_false_or_an_object(string value, int? rank)
    {
        Assert.Equal(rank, Read<MntpConfig>(value).Lora?.Rank);
        Assert.Equal(rank, Read<PretrainConfig>(value).Lora?.Rank);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("16")]
    public void Anything_else_for_lora_is_refused(string value) =>
        Assert.Contains(
            "'lora' is an object with the adapter's settings, or false",
            Assert.Throws<TrainingException>(() => Read<MntpConfig>(value)).Message,
            StringComparison.Ordinal
        );

    private T Read<T>(string lora)
        where T : TrainingConfig
    {
        File.WriteAllText(
            _data.PathTo("config.json"),
            $$"""{ "model": "m", "output": "o", "data": [{ "path": "x" }], "lora": {{lora}} }"""
        );
        return TrainingConfig.Load<T>(_data.PathTo("config.json"));
    }

    [Fact]
    public void Bad_configurations_are_refused_by_name()
    {
        void Fails(TrainingConfig config, string expected) =>
            Assert.Contains(expected, Assert.Throws<TrainingException>(config.Validate).Message, StringComparison.Ordinal);
        var good = _data.Mntp("out", 2);
        good.Validate();
        Fails(good with { Model = "x" }, "'newModel'");
        Fails(good with { NewModel = null }, "'model'");
        Fails(good with { Data = [] }, "'data'");
        Fails(good with { Steps = 0 }, "'steps'");
        Fails(good with { LearningRate = 0 }, "'learningRate'");
        Fails(good with { EmbeddingLearningRateScale = -1 }, "'embeddingLearningRateScale'");
        Fails(good with { Beta2 = 1 }, "'beta2'");
        Fails(good with { Epsilon = 0 }, "'epsilon'");
        Fails(good with { WeightDecay = -0.1 }, "'weightDecay'");
        Fails(good with { ClipNorm = -1 }, "'clipNorm'");
        Fails(good with { CheckpointEvery = -1 }, "'checkpointEvery'");
        Fails(good with { LogEvery = 0 }, "'logEvery'");
        Fails(good with { TimeLimitMinutes = 0 }, "'timeLimitMinutes'");
        Fails(good with { MaskProbability = 0 }, "'maskProbability'");
        Fails(good with { Device = "tpu" }, "'device'");
        var adapted = good with { NewModel = null, Model = "base", Lora = new LoraConfig() };
        adapted.Validate();
        Fails(adapted with { Lora = new LoraConfig { Rank = 0 } }, "'lora'");
        Fails(adapted with { Lora = new LoraConfig { Targets = ["q_proj", "query"] } }, "'query'");
        Fails(adapted with { EmbeddingLearningRateScale = 2 }, "'embeddingLearningRateScale'");
        Fails(good with { Lora = new LoraConfig() }, "\"lora\": false");
        Fails(
            new ContrastiveConfig
            {
                Model = "base",
                Output = "out",
                Data = [_data.Articles()],
                Stage = ContrastiveStage.Embeddings,
            },
            "\"lora\": false"
        );
        var missing = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(good with { MaskToken = "notapiece" }));
        Assert.Contains("'notapiece'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_files_name_unknown_settings()
    {
        File.WriteAllText(_data.PathTo("config.json"), """{ "output": "o", "model": "m", "data": [{ "path": "x" }], "learningrat": 1 }""");
        Assert.Contains(
            "learningrat",
            Assert.Throws<TrainingException>(() => TrainingConfig.Load<MntpConfig>(_data.PathTo("config.json"))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<TrainingException>(() => TrainingConfig.Load<MntpConfig>(_data.PathTo("none.json")));
        File.WriteAllText(
            _data.PathTo("config.json"),
            """{ "output": "o", "model": "m", "data": [{ "path": "x", "kind": "Articles", "pairs": { "Crops": 2 } }], /* seconds */ "steps": 7 }"""
        );
        var config = TrainingConfig.Load<ContrastiveConfig>(_data.PathTo("config.json"));
        Assert.Equal(7, config.Steps);
        Assert.Equal(2, config.Data[0].Pairs[PairKind.Crops]);
        Assert.Equal(_data.PathTo("o"), config.OutputPath);
    }

    [Fact]
    public void The_example_configurations_are_valid()
    {
        var folder = Path.Combine(TestSupport.Repository.Root, "src", "SearchEngine.Training", "configs");
        string FileOf(string name) => Path.Combine(folder, name);
        Assert.Equal(14, Directory.EnumerateFiles(folder).Count());
        TrainingConfig.Load<PretrainConfig>(FileOf("pretrain.json"));
        Assert.Equal(ContrastiveStage.Embeddings, TrainingConfig.Load<ContrastiveConfig>(FileOf("contrastive-embeddings.json")).Stage);
        Assert.Null(TrainingConfig.Load<ContrastiveConfig>(FileOf("contrastive-model.json")).Lora);
        Assert.Null(TrainingConfig.Load<ContrastiveConfig>(FileOf("contrastive-layers.json")).Lora);
        // The paper's steps say what the defaults are anyway, but for what any run has to say and how the large batch fits into memory.
        SameAsDefault(TrainingConfig.Load<MntpConfig>(FileOf("mntp.json")), c => new MntpConfig { Output = c.Output, Data = c.Data });
        SameAsDefault(TrainingConfig.Load<SimCseConfig>(FileOf("simcse.json")), c => new SimCseConfig { Output = c.Output, Data = c.Data });
        SameAsDefault(
            TrainingConfig.Load<ContrastiveConfig>(FileOf("contrastive.json")),
            c => new ContrastiveConfig
            {
                Output = c.Output,
                Data = c.Data,
                MicroBatchSize = 64,
            }
        );
        TokenizerTrainingConfig.Load(FileOf("tokenizer.json"));
        HardNegativeConfig.Load(FileOf("mine.json"));
        TrainingConfig.Load<DistillConfig>(FileOf("distill-embeddings.json"));
        TrainingConfig.Load<DistillConfig>(FileOf("distill-layers-first.json"));
        TrainingConfig.Load<DistillConfig>(FileOf("distill-layers.json"));
        Assert.NotNull(TrainingConfig.Load<DistillConfig>(FileOf("distill-pairs.json")).Pairs);
        Assert.True(TrainingConfig.Load<DistillConfig>(FileOf("distill-gpu.json")).Shares.LongPassages > 0);

        static void SameAsDefault<T>(T config, Func<T, T> defaults)
            where T : TrainingConfig => Assert.Equal((defaults(config) with { Model = config.Model }).ToJson(), config.ToJson());
    }

    [Fact]
    public void The_script_of_the_reproduction_calls_its_configurations_by_their_steps()
    {
        var folder = Path.Combine(TestSupport.Repository.Root, "src", "SearchEngine.Training", "configs", "reproduction");
        var steps = Regex
            .Matches(File.ReadAllText(Path.Combine(folder, "run.sh")), @"^  step (\w+) (\S+) (\S+)$", RegexOptions.Multiline)
            .Select(m => (Verb: m.Groups[1].Value, File: m.Groups[2].Value + ".json", Output: m.Groups[3].Value))
            .ToList();
        Assert.Equal(
            Directory.EnumerateFiles(folder, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            steps.Select(s => s.File).Append("tokenizer.json")
        );
        foreach (var (verb, file, output) in steps)
        {
            var path = Path.Combine(folder, file);
            TrainingConfig config = verb switch
            {
                "pretrain" => TrainingConfig.Load<PretrainConfig>(path),
                "mntp" => TrainingConfig.Load<MntpConfig>(path),
                "simcse" => TrainingConfig.Load<SimCseConfig>(path),
                _ => TrainingConfig.Load<ContrastiveConfig>(path),
            };
            Assert.Null(config.Lora);
            Assert.Equal(output, Path.GetFileName(config.OutputPath));
        }

        TokenizerTrainingConfig.Load(Path.Combine(folder, "tokenizer.json"));
    }
}
