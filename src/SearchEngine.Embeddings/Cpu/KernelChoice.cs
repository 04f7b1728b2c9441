using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.Json;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// Chooses between kernels that a processor could run alike by timing each for a few milliseconds, once for a processor and a version of
/// .NET: what was found is kept in the user's cache. What is chosen changes how long a vector takes, never its bits.
/// </summary>
internal static class KernelChoice
{
    private const int Rounds = 9;
    private const double RoundSeconds = 200e-6;

    /// <summary>So much faster must a later candidate be: timings of a busy machine scatter, and a tie should not depend on them.</summary>
    private const double Advantage = 1.05;

    /// <summary>The fastest candidate's index; an earlier one wins a tie.</summary>
    /// <param name="kind">What is chosen, the name of its entry in the cache.</param>
    /// <param name="candidates">Names, and one unit of the same work each.</param>
    public static int Fastest(string kind, IReadOnlyList<(string Name, Action Work)> candidates) =>
        Fastest(kind, candidates, UserCache.Folder);

    /// <inheritdoc cref="Fastest(string, IReadOnlyList{ValueTuple{string, Action}})"/>
    /// <param name="folder">Where what was found is kept; null for nowhere.</param>
    public static int Fastest(string kind, IReadOnlyList<(string Name, Action Work)> candidates, string? folder)
    {
        if (candidates.Count == 1)
            return 0;
        var file = folder is null ? null : Path.Combine(folder, $"kernels-{kind}.json");
        var key = $"{Processor()}|{RuntimeInformation.FrameworkDescription}|{string.Join(',', candidates.Select(c => c.Name))}";
        if (file is not null && Read(file, key) is string known)
        {
            for (var i = 0; i < candidates.Count; i++)
            {
                if (candidates[i].Name == known)
                    return i;
            }
        }
        var chosen = Measure(candidates);
        if (file is not null)
            Write(file, key, candidates[chosen].Name);
        return chosen;
    }

    private static int Measure(IReadOnlyList<(string Name, Action Work)> candidates)
    {
        // In turns, the fastest round of each: what disturbs one round disturbs the other candidates' alike.
        var best = new double[candidates.Count];
        Array.Fill(best, double.PositiveInfinity);
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < candidates.Count; i++)
                best[i] = Math.Min(best[i], Time(candidates[i].Work));
        }
        var chosen = 0;
        for (var i = 1; i < best.Length; i++)
        {
            if (best[i] * Advantage < best[chosen])
                chosen = i;
        }
        return chosen;
    }

    /// <summary>Seconds of a unit of work, the mean of those that fit into a round.</summary>
    private static double Time(Action work)
    {
        work();
        var start = Stopwatch.GetTimestamp();
        var units = 0;
        TimeSpan elapsed;
        do
        {
            work();
            units++;
            elapsed = Stopwatch.GetElapsedTime(start);
        } while (elapsed.TotalSeconds < RoundSeconds);
        return elapsed.TotalSeconds / units;
    }

    /// <summary>What is not there, is damaged or speaks of another machine is not known.</summary>
    private static string? Read(string file, string key)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.GetProperty("for").GetString() == key
                ? document.RootElement.GetProperty("kernel").GetString()
                : null;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Write(string file, string key, string kernel)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            JsonFile.WriteObject(
                file,
                json =>
                {
                    json.WriteString("for", key);
                    json.WriteString("kernel", kernel);
                }
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written is common in containers: each process measures for itself then.
        }
    }

    /// <summary>The processor's own name and model where it says, else its kind.</summary>
    private static string Processor()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004)
            return RuntimeInformation.ProcessArchitecture.ToString();
        var name = new int[12];
        for (var i = 0; i < 3; i++)
        {
            var part = X86Base.CpuId(unchecked((int)0x80000002) + i, 0);
            (name[4 * i], name[4 * i + 1], name[4 * i + 2], name[4 * i + 3]) = (part.Eax, part.Ebx, part.Ecx, part.Edx);
        }
        var brand = Encoding.ASCII.GetString(MemoryMarshal.AsBytes(name.AsSpan())).TrimEnd('\0').Trim();
        return $"{brand} {X86Base.CpuId(1, 0).Eax:x}";
    }
}
