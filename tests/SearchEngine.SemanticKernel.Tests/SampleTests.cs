using SearchEngine.Samples.SemanticKernelChat;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class SampleTests
{
    /// <summary>With the shipped embedding model. After a change of it, run the sample and put what it prints into its README.</summary>
    [Fact]
    public async Task The_transcript_in_the_samples_README_is_what_it_prints()
    {
        using var directory = new TempDirectory();
        using var output = new StringWriter { NewLine = "\n" };
        await using (var demo = await ChatDemo.StartAsync(directory.Sub("db"), ChatDemo.FindSamples(), output))
        {
            foreach (var question in ChatDemo.Questions)
                await demo.AskAsync(question);
        }

        var readme = await File.ReadAllTextAsync(Path.Combine(ChatDemo.FindSamples(), "SemanticKernelChat", "README.md"));
        Assert.Contains(output.ToString().Trim(), readme);
    }
}
