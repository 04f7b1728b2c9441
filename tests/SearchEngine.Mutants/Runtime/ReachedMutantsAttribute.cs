using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Reflection;
using Xunit;
using Xunit.v3;

[assembly: SearchEngine.Mutants.ReachedMutants]

namespace SearchEngine.Mutants;

/// <summary>
/// Writes a line for every test: its method, its milliseconds, whether it shares a fixture, the mutants it reached. The processes that a test starts
/// write into the same bytes, whether they are killed or not.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class ReachedMutantsAttribute : BeforeAfterTestAttribute
{
    private const string Taken = "SEARCHENGINE_MUTANTS_NOTED";

    private static readonly string? File = TakeFile();
    private static readonly MemoryMappedViewAccessor? Reached = File is null
        ? null
        : MemoryMappedFile.CreateFromFile(File, FileMode.Open).CreateViewAccessor();

    private static readonly Stopwatch Clock = Stopwatch.StartNew();

    /// <summary>What tests start again of this program reaches mutants for the test that started it, and notes nothing itself.</summary>
    private static string? TakeFile()
    {
        if (Environment.GetEnvironmentVariable(Taken) is not null)
            return null;
        Environment.SetEnvironmentVariable(Taken, "1");
        return Environment.GetEnvironmentVariable("SEARCHENGINE_MUTANTS_REACHED");
    }

    // With this the fields are set when the tests begin, and not after the first of them has started a process.
    static ReachedMutantsAttribute() { }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Reached is null)
            return;
        List<int> mutants = [];
        for (var i = 0; i < Reached.Capacity; i++)
        {
            if (Reached.ReadByte(i) == 0)
                continue;
            mutants.Add(i);
            Reached.Write(i, (byte)0);
        }
        var owner = methodUnderTest.ReflectedType!;
        var shared = owner
            .GetInterfaces()
            .Any(i =>
                i.IsGenericType
                && (i.GetGenericTypeDefinition() == typeof(IClassFixture<>) || i.GetGenericTypeDefinition() == typeof(ICollectionFixture<>))
            );
        System.IO.File.AppendAllText(
            File + ".tsv",
            $"{owner.FullName}.{methodUnderTest.Name}\t{Clock.ElapsedMilliseconds}\t{(shared ? 1 : 0)}\t{string.Join(' ', mutants)}\n"
        );
        Clock.Restart();
    }
}
