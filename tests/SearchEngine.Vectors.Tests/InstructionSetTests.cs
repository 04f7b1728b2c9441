using System.Runtime.Intrinsics.X86;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>Runs the kernel and recall tests again in child processes with instruction sets switched off.</summary>
public class InstructionSetTests
{
    public static TheoryData<string, string> Tiers()
    {
        var tiers = new TheoryData<string, string>();
        if (Avx512BW.IsSupported)
            tiers.Add("avx2", "DOTNET_EnableAVX512=0;DOTNET_EnableAVX512F=0");
        if (Avx2.IsSupported)
            tiers.Add("vector128", "DOTNET_EnableAVX2=0");
        tiers.Add("scalar", "DOTNET_EnableHWIntrinsic=0");
        return tiers;
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task KernelsAgreeOnEveryInstructionSet(string expected, string settings)
    {
        var (exitCode, output) = await TestChild.RunAsync(
            [typeof(KernelTests), typeof(QuickRecallTests)],
            $"{settings};{KernelTests.ExpectedVariable}={expected}",
            TestContext.Current.CancellationToken
        );
        Assert.True(exitCode == 0, output);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0", output, StringComparison.Ordinal);
    }
}
