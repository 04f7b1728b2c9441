using SearchEngine.Embeddings;

namespace SearchEngine.Training.Tests;

/// <summary>A run's folder is its own: no other run, process or damage changes what it holds without a word.</summary>
[Collection(Serial.Name)]
public sealed class RunFolderTests : IDisposable
{
    private readonly TestData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_folder_that_holds_a_run_is_not_written_over_unless_told()
    {
        TrainingRuns.Mntp(_data.Mntp("out", 4) with { CheckpointEvery = 2 });
        var before = Contents("out");
        AssertError(_data.Mntp("out", 2), "holds a run already (step-00000004)");
        Assert.Equal(before, Contents("out"));

        TrainingRuns.Mntp(_data.Mntp("out", 2) with { Overwrite = true, Seed = 5 });
        Assert.Equal(["step-00000002"], Directory.EnumerateDirectories(_data.PathTo("out/checkpoints")).Select(Path.GetFileName));
        TrainingRuns.Mntp(_data.Mntp("alone", 2) with { Seed = 5 });
        Assert.Equal(File.ReadAllBytes(_data.PathTo("alone/model.safetensors")), File.ReadAllBytes(_data.PathTo("out/model.safetensors")));
    }

    [Fact]
    public void A_run_is_not_resumed_as_another()
    {
        TrainingRuns.Mntp(_data.Mntp("base", 1));
        TrainingRuns.Mntp(_data.Mntp("other", 1) with { Seed = 2 });
        MntpConfig Config(long steps) => _data.Mntp("out", steps) with { NewModel = null, Model = "base" };
        TrainingRuns.Mntp(Config(2));
        var before = Contents("out");
        AssertError(Config(4) with { Model = "other" }, "another 'base model'", resume: true);
        AssertError(Config(4) with { BatchSize = 4 }, "another 'batchSize' (8, now 4)", resume: true);
        AssertError(Config(4) with { MaskProbability = 0.5 }, "another 'maskProbability'", resume: true);
        AssertError(Config(4) with { Data = [_data.Articles(61)] }, "another 'data source 1'", resume: true);
        Assert.Equal(before, Contents("out"));

        // Rates and the number of steps may change.
        _data.Articles();
        Assert.Equal(4, TrainingRuns.Mntp(Config(4) with { LearningRate = 1e-4, LogEvery = 2 }, resume: true).Step);
    }

    [Fact]
    public void Output_is_none_of_the_folders_that_a_run_reads()
    {
        TrainingRuns.Mntp(_data.Mntp("base", 1));
        Directory.Delete(_data.PathTo("base/checkpoints"), recursive: true);
        Directory.CreateSymbolicLink(_data.PathTo("link"), _data.PathTo("base"));
        var before = Contents("base");
        AssertError(_data.Mntp("base", 2) with { NewModel = null, Model = "base" }, "'output' is the folder of 'model'");
        AssertError(_data.Mntp("link", 2) with { NewModel = null, Model = "./base/" }, "'output' is the folder of 'model'");
        var distill = new DistillConfig
        {
            NewModel = _data.TinyModel(),
            Teachers = [new TeacherConfig { Model = "base" }],
            Output = "base",
            Data = [_data.Articles()],
            BaseDirectory = _data.Root,
        };
        Assert.Contains(
            "'output' is the folder of 'teachers'",
            Assert.Throws<TrainingException>(() => TrainingRuns.Distill(distill)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(before, Contents("base"));
    }

    [Fact]
    public void Two_runs_do_not_share_a_folder_at_one_time()
    {
        var refused = 0;
        TrainingRuns.Mntp(
            _data.Mntp("out", 2),
            progress: new Immediate<TrainingProgress>(_ =>
            {
                AssertError(_data.Mntp("out", 2), "Another run works in");
                AssertError(_data.Mntp("out", 2), "Another run works in", resume: true);
                refused++;
            })
        );
        Assert.Equal(2, refused);
        TrainingRuns.Mntp(_data.Mntp("out", 3), resume: true);
    }

    [Theory]
    [InlineData("training.safetensors")]
    [InlineData("state.json")]
    public void A_torn_checkpoint_costs_the_steps_after_the_one_before(string file)
    {
        TrainingRuns.Mntp(_data.Mntp("whole", 6));
        var config = _data.Mntp("out", 6) with { CheckpointEvery = 3 };
        TrainingRuns.Mntp(config);
        Cut($"out/checkpoints/step-00000006/{file}");
        var messages = new List<string>();
        TrainingRuns.Mntp(config, resume: true, messages: new Immediate<string>(messages.Add));
        Assert.Contains(messages, m => m.Contains("step-00000006 is damaged", StringComparison.Ordinal));
        Assert.Equal(File.ReadAllBytes(_data.PathTo("whole/model.safetensors")), File.ReadAllBytes(_data.PathTo("out/model.safetensors")));

        Cut($"out/checkpoints/step-00000003/{file}");
        Cut($"out/checkpoints/step-00000006/{file}");
        AssertError(config, "No checkpoint", resume: true);
    }

    private void Cut(string name)
    {
        var bytes = File.ReadAllBytes(_data.PathTo(name));
        File.WriteAllBytes(_data.PathTo(name), bytes[..(bytes.Length / 2)]);
    }

    private void AssertError(MntpConfig config, string expected, bool resume = false)
    {
        var error = Assert.Throws<TrainingException>(() => TrainingRuns.Mntp(config, resume));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Names and bytes of a folder's files, but for the lock.</summary>
    private string Contents(string folder) =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(_data.PathTo(folder), "*", SearchOption.AllDirectories)
                .Where(f => !f.EndsWith("run.lock", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}")
        );
}
