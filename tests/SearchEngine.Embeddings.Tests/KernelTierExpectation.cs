using SearchEngine.Embeddings.Cpu.EightBit;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Run by <see cref="KernelTierTests"/> in child processes.</summary>
public class KernelTierExpectation
{
    [Fact]
    public void TheBestKernelsAreThoseOfTheProcessor()
    {
        var actual = $"{FloatKernels.Available()[0].Name} {Int8Kernels.Available()[0].Name}";
        Assert.Equal(Environment.GetEnvironmentVariable(KernelTierTests.ExpectedVariable) ?? actual, actual);
    }

    [Fact]
    public void TheOnesUsedAreAmongThem()
    {
        Assert.Contains(FloatKernels.Best.Name, FloatKernels.Available().Select(kernel => kernel.Name));
        Assert.Contains(Int8Kernels.Best.Name, Int8Kernels.Available().Select(kernel => kernel.Name));
    }
}
