using SearchEngine.Samples.AgentMemory;

// dotnet run --project samples/AgentMemory, or with -- recall: the memory is then a provider of the sample's own
var recalls = args is ["recall"];
var directory = Path.Combine(Path.GetTempPath(), "searchengine-agent-memory");
await using (var demo = new MemoryDemo(directory, recalls))
{
    await demo.NoteAsync("Owls", "Owls hunt at night; their feathers make no sound.");
    await demo.TalkAsync("ada", "My dog is called Argos and eats twice a day.");
    await demo.TalkAsync("bob", "I keep three cats.");
}

// As after a restart: everything was written to the directory.
await using (var demo = new MemoryDemo(directory, recalls))
{
    foreach (
        var (user, question) in new[]
        {
            ("ada", "What is my dog called?"),
            ("bob", "Which pets do I have?"),
            ("bob", "Which birds hunt at night?"),
        }
    )
    {
        Console.WriteLine($"{user}: {question}");
        Console.WriteLine(string.Join('\n', await demo.TalkAsync(user, question)));
        Console.WriteLine();
    }
}
