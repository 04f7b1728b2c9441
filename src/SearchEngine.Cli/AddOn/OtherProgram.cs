using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SearchEngine.Cli.AddOn;

/// <summary>A program that is run in the place of this one.</summary>
internal static unsafe partial class OtherProgram
{
    /// <summary>
    /// Runs it with this process's streams. On Unix it takes this process's place, so that signals reach it; this returns only where that
    /// failed. On Windows it is waited for: a console's Ctrl-C reaches both.
    /// </summary>
    /// <returns>Its exit code.</returns>
    public static int Run(string program, IReadOnlyList<string> arguments)
    {
        if (!OperatingSystem.IsWindows())
        {
            Replace(program, arguments);
            throw new IOException($"{program} cannot be run: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        ProcessStartInfo start = new(program) { UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new IOException($"{program} cannot be run.");
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Whether a file is there and this user may run it.</summary>
    public static bool IsThere(string program)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(program))
            return File.Exists(program);
        const int Run = 1;
        return Access(program, Run) == 0;
    }

    private static void Replace(string program, IReadOnlyList<string> arguments)
    {
        // What is allocated here lives until the process is another; where that fails, until it ends.
        var words = (byte**)NativeMemory.AllocZeroed((nuint)arguments.Count + 2, (nuint)sizeof(byte*));
        words[0] = (byte*)Marshal.StringToCoTaskMemUTF8(program);
        for (var i = 0; i < arguments.Count; i++)
            words[i + 1] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);

        // SAFETY: a list of strings that ends with null, as execv(3) wants it.
        _ = Execute(words[0], words);
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true)]
    private static partial int Execute(byte* path, byte** arguments);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
