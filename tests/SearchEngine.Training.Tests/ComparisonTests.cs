using SearchEngine.Training.Evaluation;

namespace SearchEngine.Training.Tests;

public sealed class ComparisonTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_constant_difference_is_certain_and_none_is_chance()
    {
        double[] first = [.. Enumerable.Range(0, 40).Select(i => i / 100.0)];
        var better = PairedBootstrap.Compare(first, [.. first.Select(v => v + 0.1)]);
        Assert.Equal(0.1, better.Difference, 1e-9);
        Assert.Equal(0.1, better.Low, 1e-9);
        Assert.Equal(0.1, better.High, 1e-9);
        Assert.True(better.PValue < 0.001);
        Assert.Equal(1.0, PairedBootstrap.Compare(first, first).PValue, 1e-9);
    }

    /// <summary>For normal differences the interval is that of the t-test, up to the bootstrap's own noise.</summary>
    [Fact]
    public void The_interval_is_near_the_one_of_normal_theory()
    {
        const int Seed = 11;
        var random = new Random(Seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] differences = [.. Enumerable.Range(0, 400).Select(_ => 0.05 + (0.3 * Normal()))];
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / 399 / 400);
        var found = PairedBootstrap.Compare(new double[400], differences);
        Assert.True(Math.Abs(found.Low - (mean - (1.96 * error))) < 0.15 * error, $"seed {Seed}: {found.Low}");
        Assert.True(Math.Abs(found.High - (mean + (1.96 * error))) < 0.15 * error, $"seed {Seed}: {found.High}");
    }

    [Fact]
    public void Run_files_are_read_as_they_were_written()
    {
        var rankings = new Dictionary<string, IReadOnlyList<string>> { ["q2"] = ["b", "a", "c"], ["q10"] = ["c"] };
        RunFile.Write(_file, rankings, "ours");
        Assert.Equal("q10 Q0 c 1 1 ours", File.ReadLines(_file).First());
        var read = RunFile.Read(_file);
        Assert.Equal(rankings.Keys.Order(), read.Keys.Order());
        foreach (var (query, documents) in rankings)
            Assert.Equal(documents, read[query]);
    }

    [Fact]
    public void Run_files_of_others_are_sorted_by_score_and_odd_ones_refused()
    {
        File.WriteAllText(_file, "1 Q0 x 9 0.5 theirs\n1\tQ0\ty\t1\t0.75\ttheirs\n1 Q0 z 2 5e-1 theirs\n");
        Assert.Equal(["y", "z", "x"], RunFile.Read(_file)["1"]);
        File.WriteAllText(_file, "1 Q0 x 1 good theirs\n");
        Assert.Contains("line 1", Assert.Throws<TrainingException>(() => RunFile.Read(_file)).Message, StringComparison.Ordinal);
        File.WriteAllText(_file, "1 Q0 x 1 2 t\n1 Q0 x 2 1 t\n");
        Assert.Contains("ranked twice", Assert.Throws<TrainingException>(() => RunFile.Read(_file)).Message, StringComparison.Ordinal);
        Assert.Throws<TrainingException>(() =>
            RunFile.Write(_file, new Dictionary<string, IReadOnlyList<string>> { ["a query"] = ["d"] }, "t")
        );
    }

    [Fact]
    public void Average_precision_is_that_of_the_textbook()
    {
        var relevance = new Dictionary<string, double>
        {
            ["a"] = 1,
            ["c"] = 2,
            ["x"] = 1,
            ["b"] = 0,
        };
        Assert.Equal((1 + (2 / 3.0)) / 3, RetrievalMetrics.AveragePrecision(["a", "b", "c", "d"], relevance, 10), 1e-12);
        Assert.Equal(1 / 3.0, RetrievalMetrics.AveragePrecision(["a", "b", "c", "d"], relevance, 2), 1e-12);
        Assert.Equal(0, RetrievalMetrics.AveragePrecision(["d"], new Dictionary<string, double>(), 2), 1e-12);
    }
}
