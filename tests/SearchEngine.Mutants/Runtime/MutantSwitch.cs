using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;

namespace SearchEngine.Mutants;

/// <summary>Says which mutant of this library is alive in this process, or notes which ones were reached.</summary>
internal static unsafe class MutantSwitch
{
    private static readonly int Alive = int.Parse(Environment.GetEnvironmentVariable("SEARCHENGINE_MUTANT") ?? "-1");
    private static readonly byte* Reached = Map();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool On(int mutant)
    {
        if (Reached is not null && Reached[mutant] == 0)
            Reached[mutant] = 1;
        return mutant == Alive;
    }

    private static byte* Map()
    {
        if (Environment.GetEnvironmentVariable("SEARCHENGINE_MUTANTS_REACHED") is not { } path)
            return null;
        byte* pointer = null;
        MemoryMappedFile.CreateFromFile(path, FileMode.Open).CreateViewAccessor().SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return pointer;
    }
}
