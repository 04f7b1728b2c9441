using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
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
        var assembly = typeof(InstructionSetTests).Assembly.Location;
        var host = Path.ChangeExtension(assembly, RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "exe" : null)!;
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-class", typeof(KernelTests).FullName!, "-class", typeof(QuickRecallTests).FullName! })
            start.ArgumentList.Add(argument);
        foreach (var setting in settings.Split(';'))
            start.Environment[setting.Split('=')[0]] = setting.Split('=')[1];
        start.Environment[KernelTests.ExpectedVariable] = expected;
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = await child.StandardOutput.ReadToEndAsync() + await errors;
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0", output, StringComparison.Ordinal);
    }
}
