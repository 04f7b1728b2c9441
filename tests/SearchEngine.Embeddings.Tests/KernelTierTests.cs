using System.Diagnostics;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

public class KernelTierTests
{
    internal const string ExpectedLanes = "SEARCHENGINE_EXPECTED_LANES";

    /// <summary>The kernels of processors without 512-bit vectors, in a process that is told to have none.</summary>
    [Fact]
    public async Task KernelsOf256BitsPassTheSameTests()
    {
        Assert.True(PackedPanels.IsSupported, "These tests need a processor with AVX2.");
        ProcessStartInfo start = new(Environment.ProcessPath!, ["-class", typeof(CpuEncoderTests).FullName!])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_EnableAVX512"] = "0";
        start.Environment["DOTNET_EnableAVX512F"] = "0";
        start.Environment[ExpectedLanes] = "8";
        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output);
    }
}
