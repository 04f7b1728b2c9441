namespace SearchEngine.Training.Tests;

/// <summary>Compares gradients that two ways of computing them should give alike.</summary>
internal static class Gradients
{
    /// <summary>Asserts that no element differs by more than a share of the largest one.</summary>
    public static void AssertClose(float[] expected, float[] actual, double share)
    {
        var scale = expected.Max(Math.Abs);
        Assert.True(scale > 0, "The expected gradient is zero everywhere.");
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.True(Math.Abs(p.First - p.Second) <= share * scale, $"{p.First} against {p.Second}"));
    }
}
