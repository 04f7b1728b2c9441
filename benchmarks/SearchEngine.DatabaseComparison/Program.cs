using System.Globalization;
using SearchEngine.DatabaseComparison;
using SearchEngine.DatabaseComparison.Contenders;
using SearchEngine.DatabaseComparison.Data;

// SearchEngine beside LanceDB and SQLite with sqlite-vec and FTS5. benchmarks/compare-databases.sh calls these, in this order:
//   data DIRECTORY KIND COUNT              makes a data set: KIND is "generated" or "texts"
//   run DIRECTORY TITLE PEERS              measures all three by turns and prints a Markdown table; PEERS has the packages from npm
// and "run" starts a process for each database:
//   serve|first NAME DATA DATABASE PEERS   answers what it is asked on standard input, or one vector query
switch (args)
{
    case ["first" or "serve", var name, var data, var database, var peers]:
        await using (IContender contender = name == "sqlite" ? new SqliteContender(database, peers) : new SearchEngineContender(database))
        {
            return args[0] == "first"
                ? await ContenderServer.FirstAsync(contender, data)
                : await new ContenderServer(contender, DataSet.Read(data)).RunAsync();
        }
    case ["data", var directory, var kind, var count]:
        await DataMaker.MakeAsync(directory, kind, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["run", var directory, var title, var peers]:
        return await new Comparison(directory, peers).RunAsync(title);
    default:
        Console.Error.WriteLine(
            "Usage: data DIRECTORY generated|texts COUNT, or run DIRECTORY TITLE PEERS. See benchmarks/compare-databases.sh."
        );
        return 2;
}
