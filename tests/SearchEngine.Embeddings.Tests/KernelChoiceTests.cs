using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>How a kernel is chosen where two could run. The candidates differ by a factor that no busy machine hides.</summary>
public class KernelChoiceTests
{
    private static readonly Action Slow = () => Thread.Sleep(1);
    private static readonly Action Fast = () => { };

    [Fact]
    public void TheFasterIsChosenAndRemembered()
    {
        using ScratchFolder scratch = new();
        Assert.Equal(1, KernelChoice.Fastest("a", [("slow", Slow), ("fast", Fast)], scratch.Path));
        var asked = 0;
        void Count() => asked++;
        Assert.Equal(1, KernelChoice.Fastest("a", [("slow", Count), ("fast", Count)], scratch.Path));
        Assert.Equal(0, asked);

        // Other candidates are another question, another kind too.
        Assert.Equal(0, KernelChoice.Fastest("a", [("fast", Fast), ("slow", Slow)], scratch.Path));
        Assert.Equal(0, KernelChoice.Fastest("b", [("slow", Fast), ("fast", Slow)], scratch.Path));
    }

    [Fact]
    public void OneCandidateIsNotMeasured() =>
        Assert.Equal(0, KernelChoice.Fastest("a", [("only", () => throw new InvalidOperationException())], null));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"for\":3,\"kernel\":\"slow\"}")]
    [InlineData("{\"for\":\"another machine\",\"kernel\":\"slow\"}")]
    public void WhatIsDamagedOrOfAnotherMachineIsMeasuredAnew(string content)
    {
        using ScratchFolder scratch = new();
        var file = Path.Combine(scratch.Path, "kernels-a.json");
        File.WriteAllText(file, content);
        Assert.Equal(1, KernelChoice.Fastest("a", [("slow", Slow), ("fast", Fast)], scratch.Path));
        Assert.Contains("fast", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(scratch.Path));
    }

    /// <summary>A home that cannot be written, here because a file is in the folder's place.</summary>
    [Fact]
    public void WithoutAPlaceForItTheChoiceIsMadeAllTheSame()
    {
        using ScratchFolder scratch = new();
        var place = Path.Combine(scratch.Path, "file");
        File.WriteAllText(place, "");
        Assert.Equal(1, KernelChoice.Fastest("a", [("slow", Slow), ("fast", Fast)], place));
        Assert.Equal(1, KernelChoice.Fastest("a", [("slow", Slow), ("fast", Fast)], null));
    }
}
