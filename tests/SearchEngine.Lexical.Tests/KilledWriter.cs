using System.Runtime.CompilerServices;
using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

/// <summary>The child process of the kill test: writes batches and reports each commit until it is killed.</summary>
internal static class KilledWriter
{
    internal const string Variable = "SEARCHENGINE_LEXICAL_TEST_WRITER";

    [ModuleInitializer]
    internal static void RunIfChild()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
            return;
        using var index = LexicalIndex.Open(path, Schema);
        var batch = index.CommitData.TryGetValue("batches", out var text) ? int.Parse(text) : 0;
        while (batch < 10_000)
        {
            index.Add(Enumerable.Range(batch * 10, 10).Select(i => Doc(i, $"text number{i}")));
            batch++;
            index.Refresh();
            index.Commit(new Dictionary<string, string> { ["batches"] = batch.ToString() });
            Console.WriteLine(batch);
        }
    }
}
