using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using SearchEngine.SemanticKernel;

namespace SearchEngine.Samples.SemanticKernelChat;

/// <summary>Ingests a folder of texts and answers questions about them, with citations, through Semantic Kernel.</summary>
internal sealed class ChatDemo : IAsyncDisposable
{
    /// <summary>The questions of the README's transcript.</summary>
    public static readonly string[] Questions =
    [
        "Where do volcanoes form?",
        "What is a lambda expression in C++?",
        "How does a windmill work?",
    ];

    private readonly ServiceProvider _services;
    private readonly Kernel _kernel;
    private readonly TextWriter _output;
    private readonly ChatHistory _history = new(
        "Answer from the knowledge store. Search it first, and cite the passages used by their numbers."
    );

    private ChatDemo(ServiceProvider services, TextWriter output)
    {
        _services = services;
        _kernel = services.GetRequiredService<Kernel>();
        _output = output;
    }

    /// <summary>Wires everything, ingests the texts where that has not been done, and says so.</summary>
    public static async Task<ChatDemo> StartAsync(string databaseDirectory, string textDirectory, TextWriter output)
    {
        var services = new ServiceCollection();

        // Database, embedding model, vector store and the search plugin, in one call.
        services.AddSearchEngine(options => options.Directory = databaseDirectory);

        // The stand-in for a language model. A real one takes its place by this line:
        //     services.AddOpenAIChatCompletion("gpt-4o", Environment.GetEnvironmentVariable("OPENAI_API_KEY")!);
        services.AddSingleton<IChatCompletionService, ExtractiveChatService>();

        services
            .AddKernel()
            .Plugins.Services.AddSingleton(provider =>
                KernelPluginFactory.CreateFromObject(provider.GetRequiredService<SearchPlugin>(), "knowledge")
            );

        var demo = new ChatDemo(services.BuildServiceProvider(), output);
        await demo.IngestAsync(textDirectory);
        return demo;
    }

    /// <summary>The repository's samples folder, looked for above the program and the working directory.</summary>
    public static string FindSamples()
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
            {
                var candidate = Path.Combine(directory.FullName, "samples");
                if (Directory.Exists(Path.Combine(candidate, "wikipedia")))
                    return candidate;
            }
        }

        throw new DirectoryNotFoundException("There is no samples folder above the program: run it from the repository.");
    }

    /// <summary>Asks a question and writes it with its answer.</summary>
    public async Task AskAsync(string question)
    {
        await _output.WriteLineAsync($"> {question}");
        _history.AddUserMessage(question);
        var settings = new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        var answer = await _services.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(_history, settings, _kernel);
        _history.Add(answer);
        await _output.WriteLineAsync(answer.Content);
        await _output.WriteLineAsync();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private async Task IngestAsync(string directory)
    {
        var plugin = _services.GetRequiredService<SearchPlugin>();
        var collection = await plugin.GetCollectionAsync();
        if (await collection.CountAsync() == 0)
        {
            foreach (var folder in new[] { "wikipedia", "cpp" })
            {
                foreach (var file in Directory.EnumerateFiles(Path.Combine(directory, folder), "*.md").Order(StringComparer.Ordinal))
                {
                    var text = await File.ReadAllTextAsync(file);
                    var title = text.Split('\n')[0].TrimStart('#', ' ');
                    await plugin.IngestTextAsync(text, title, $"{folder}/{Path.GetFileName(file)}");
                }
            }
        }

        var sources = new HashSet<string>();
        await foreach (var passage in collection.GetAsync(_ => true, int.MaxValue))
            sources.Add(passage.Source);
        await _output.WriteLineAsync($"{sources.Count} texts in {await collection.CountAsync()} passages.");
        await _output.WriteLineAsync();
    }
}
