using SearchEngine.Samples.SemanticKernelChat;

// dotnet run --project samples/SemanticKernelChat                     the three questions of the README
// dotnet run --project samples/SemanticKernelChat -- "a question"     questions of your own
// dotnet run --project samples/SemanticKernelChat -- --chat           a conversation
var questions = args is [] ? ChatDemo.Questions : args.Where(a => a != "--chat").ToArray();
await using var demo = await ChatDemo.StartAsync(
    Path.Combine(Path.GetTempPath(), "semantic-kernel-chat"),
    ChatDemo.FindSamples(),
    Console.Out
);
foreach (var question in questions)
    await demo.AskAsync(question);
if (!args.Contains("--chat"))
    return;

while (true)
{
    Console.Write("> ");
    if (Console.ReadLine() is not { Length: > 0 } question)
        return;
    await demo.AskAsync(question);
}
