using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using SearchEngine.Embeddings.Cpu.EightBit;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Every width of vectors, in processes that are told to have no wider ones, and the rules by which kernels are chosen.</summary>
public class KernelTierTests
{
    internal const string ExpectedVariable = "SEARCHENGINE_EXPECTED_KERNELS";

    /// <summary>The kernels that are used, float32 then int8, and what switches off the better ones.</summary>
    public static TheoryData<string, string> Tiers()
    {
        TheoryData<string, string> tiers = [];
        if (Avx512F.IsSupported)
            tiers.Add("avx2 avx2", "DOTNET_EnableAVX512=0;DOTNET_EnableAVX512F=0;DOTNET_EnableAVXVNNI=0");
        if (Avx2.IsSupported || RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
            tiers.Add("vector128 vector128", "DOTNET_EnableAVX2=0;DOTNET_EnableAVX=0;DOTNET_EnableArm64Dp=0");
        tiers.Add("scalar scalar", "DOTNET_EnableHWIntrinsic=0");
        return tiers;
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task KernelsOfEveryTierPassTheSameTests(string expected, string settings)
    {
        var (exitCode, output) = await TestChild.RunAsync(
            [typeof(CpuEncoderTests), typeof(Int8KernelTests), typeof(KernelTierExpectation)],
            $"{settings};{ExpectedVariable}={expected}",
            TestContext.Current.CancellationToken
        );
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("Total: 0", output, StringComparison.Ordinal);
    }

    /// <summary>
    /// .NET's preference for narrow vectors (its own on some processors with wide ones) does not count: the same kernels are there, on a
    /// processor with 512 bits as on one with 256.
    /// </summary>
    [Theory]
    [InlineData(FloatLanes512.Lanes, "")]
    [InlineData(FloatLanes256.Lanes, "DOTNET_EnableAVX512=0;DOTNET_EnableAVX512F=0;")]
    public async Task ThePreferenceOfTheRuntimeDoesNotChangeWhatIsThere(int widest, string settings)
    {
        var expectedFloat = FloatKernels.Available().First(kernel => kernel.Lanes <= widest);
        var expectedInt8 = Int8Kernels.Available().First(kernel => widest == FloatLanes512.Lanes || kernel is not Vnni512Kernel);
        var (exitCode, output) = await TestChild.RunAsync(
            [typeof(KernelTierExpectation)],
            $"{settings}DOTNET_PreferredVectorBitWidth=128;{ExpectedVariable}={expectedFloat.Name} {expectedInt8.Name}",
            TestContext.Current.CancellationToken
        );
        Assert.True(exitCode == 0, output);
    }
}
